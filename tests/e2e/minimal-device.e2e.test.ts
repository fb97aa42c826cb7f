import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MinimalDevice } from "../minimal-device/minimal-device.ts";
import type { Item } from "../minimal-device/cbor.ts";
import { Installation } from "../system/installation.ts";

/** One series of heart rates, one a second, ending now. */
function heartRates(values: readonly number[], end: number): Item {
  return new Map<number | string, Item>([
    [1, 1],
    [2, end - (values.length - 1) * 1000],
    [3, 1000],
    [4, [...values]],
    [5, 0],
  ]);
}

describe("a device written from the protocol page alone", () => {
  let installation: Installation;
  let device: MinimalDevice;
  let code: string;

  beforeAll(async () => {
    installation = await Installation.start();
    device = new MinimalDevice(await installation.invite("MIN-1"));
    code = await device.enrol("Minimal device");
  });
  afterAll(async () => {
    await installation.remove();
  });

  it("shows the same six digits as the hospital", async () => {
    const enrolments = await installation.json<{ mrn: string; code: string; state: string }[]>(
      "enrolment",
      "list",
    );
    expect(enrolments).toMatchObject([{ mrn: "MIN-1", code, state: "pending" }]);
  });

  it("learns nothing of the patient while it is pending", async () => {
    const answer = await device.request("profile", new Map());
    expect(answer.get(2)).toBe("pending");
    expect(answer.get(3)).toEqual(new Map());
  });

  it("is refused by the command line with a wrong code, and confirmed with the right one", async () => {
    const wrong = code === "000000" ? "000001" : "000000";
    const refused = await installation.run("enrolment", "confirm", "MIN-1", wrong);
    expect(refused.status).toBe(1);
    expect(refused.stderr).not.toBe("");
    const confirmed = await installation.run("enrolment", "confirm", "MIN-1", code);
    expect(confirmed.stderr).not.toContain("rror");
    expect(confirmed.status).toBe(0);
  });

  it("gets a receipt that names exactly what it sent, and the doctor has the values", async () => {
    expect(await device.connect()).toBe(1);
    const now = Date.now();
    const receipt = await device.send([heartRates([71, 72, 73], now)], now);
    expect(receipt.outcome).toBe(0);
    const shown = await installation.run("readings", "MIN-1", "--json");
    const values = shown.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { value: number; state: string });
    expect(values.map(({ value }) => value)).toEqual([71, 72, 73]);
    expect(values.every(({ state }) => state === "stored")).toBe(true);
  });

  it("is told which sample went into quarantine and why", async () => {
    const now = Date.now();
    const receipt = await device.send([heartRates([70, 0, 72], now)], now);
    expect(receipt.outcome).toBe(1);
    expect(receipt.quarantined).toEqual([[0, 1, "no-signal"]]);
  });

  it("may ask for its patient's profile once it is active", async () => {
    const answer = await device.request("profile", new Map());
    expect(answer.get(2)).toBe(0);
    expect((answer.get(3) as Map<number, Item>).get(2)).toBe("Ada Example");
  });

  it("is turned away when it uses the invitation a second time", async () => {
    const { link } = await installation.json<{ link: string }>("invite", "MIN-1");
    await new MinimalDevice(link).enrol("First");
    const thief = new MinimalDevice(link);
    await expect(thief.enrol("Thief")).rejects.toThrow("message_3 was answered with 400");
  });
});
