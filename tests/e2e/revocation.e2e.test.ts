import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createOperatorClient } from "../../apps/cli/src/installation/operator-client.ts";
import type { KeptProgram } from "../crash/keeper.ts";
import { EnginePhone, statusOf, type Access } from "../system/engine-phone.ts";
import { jsonOf, siphms } from "../system/installation.ts";
import { TwoHospitals, untilConnected } from "../system/two-hospitals.ts";

/** What revoking promises. */
const CLOSED_WITHIN_MS = 5_000;
const CLOSED = 409;

let world: TwoHospitals;
let mrn: string;
let phones: EnginePhone[];

beforeAll(async () => {
  world = await TwoHospitals.start();
});
afterAll(() => world.remove());
let patients = 0;
beforeEach(async () => {
  phones = [];
  patients += 1;
  mrn = `REVOKED-${String(patients)}`;
  await world.addPatient(mrn);
});
afterEach(async () => {
  for (const phone of phones) await phone.stop();
});

/** A phone of the patient at this hospital's gateway, at work. */
async function phoneAt(side: "left" | "right"): Promise<EnginePhone> {
  const phone = await (await EnginePhone.open()).enrol(mrn, world[side]);
  phones.push(phone);
  return phone.start();
}

/** Does something while a program is away. */
async function without(program: KeptProgram, work: () => Promise<unknown>): Promise<void> {
  await program.hold();
  try {
    await work();
  } finally {
    program.release();
  }
}

async function expectClosed(access: Access): Promise<void> {
  await vi.waitFor(async () => expect(await statusOf(access)).toBe(CLOSED), {
    timeout: CLOSED_WITHIN_MS,
    interval: 50,
  });
}

async function sessionClosedCount(): Promise<number> {
  const socket = join(world.folder, "left", "hospital", "run", "hospital.sock");
  const operator = createOperatorClient(socket);
  const { refused } = await operator.counters();
  operator.close();
  return refused["session-closed"] ?? 0;
}

async function valuesOf(): Promise<readonly number[]> {
  const { stdout } = await world.left.run("readings", mrn, "--json");
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { value: number }).value);
}

describe("siphms device revoke", () => {
  it("closes every session of the device within five seconds, at each gateway, whichever process is told", async () => {
    const phone = await phoneAt("left");
    const copy = await phone.copy(world.right.gatewayUrl);
    phones.push(copy);
    await copy.start();
    const other = await phoneAt("left");
    const [here, there] = [phone.access, copy.access];
    expect(await Promise.all([here, there].map(statusOf))).not.toContain(CLOSED);
    const revoked = await world.left.json<{ state: string }>("device", "revoke", phone.kid);
    expect(revoked.state).toBe("revoked");
    await Promise.all([expectClosed(here), expectClosed(there)]);
    expect(await statusOf(other.access)).not.toBe(CLOSED);
  });

  it("is noticed by the phone, which stops, shows it, and keeps its key and what it has measured", async () => {
    const phone = await phoneAt("left");
    const { kid } = phone;
    await world.left.json("device", "revoke", kid);
    await phone.until(
      () => phone.device.status().lastError?.code === "HANDSHAKE_REFUSED",
      "the phone to be refused",
      CLOSED_WITHIN_MS,
    );
    await phone.measure(61);
    phone.device.retryNow();
    await phone.until(() => phone.count("problem") > 1, "one more refusal");
    expect(phone.device.status()).toMatchObject({
      state: "active",
      connection: "waiting",
      queue: { queued: 1, kept: 0, damaged: 0 },
    });
    expect(phone.kid).toBe(kid);
    expect(await valuesOf()).toEqual([]);
  });

  it("reaches a gateway that was away at that moment, as soon as it is back", async () => {
    const phone = await phoneAt("right");
    const { access } = phone;
    await phone.stop();
    await without(world.right.gateway, () => world.left.json("device", "revoke", phone.kid));
    await world.right.gateway.ready();
    await untilConnected(world.right);
    await expectClosed(access);
  });

  it("keeps out of the record what waited in a gateway's queue, and loses it nowhere", async () => {
    const phone = await phoneAt("right");
    const before = await sessionClosedCount();
    await without(world.right.hospital, async () => {
      await phone.measure(62);
      await phone.until(() => phone.count("at-gateway") === 1, "the gateway to take it");
      await world.left.json("device", "revoke", phone.kid);
    });
    await world.right.hospital.ready();
    // It may have told in the same session what it had seen.
    await vi.waitFor(async () => expect(await sessionClosedCount()).toBeGreaterThan(before), {
      timeout: 30_000,
    });
    await expectClosed(phone.access);
    expect(await valuesOf()).toEqual([]);
    expect(phone.device.items()).toHaveLength(1);
    expect((await world.left.run("check", "--json")).status).toBe(0);
  });

  it("is no error twice, and for a device that nobody knows is one", async () => {
    const phone = await phoneAt("left");
    await world.left.json("device", "revoke", phone.kid);
    await world.right.json("device", "revoke", phone.kid);
    const unknown = await world.left.run("device", "revoke", "AAAAAAAAAAA");
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toContain("no such device");
  });
});

describe("a patient with two devices", () => {
  async function enrolCommandLine(name: string): Promise<string> {
    const state = join(world.folder, `${mrn}-${name}`);
    const { link } = await world.left.json<{ link: string }>("invite", mrn);
    const enrolled = await siphms([
      "device",
      "enrol",
      link,
      "--state",
      state,
      "--name",
      name,
      "--json",
    ]);
    const { code } = jsonOf<{ code: string }>(enrolled);
    await world.left.json("enrolment", "confirm", mrn, code);
    return state;
  }

  const as = async <T>(state: string, ...args: string[]): Promise<T> => {
    const result = await siphms([...args, "--state", state, "--json"]);
    if (result.status !== 0) throw new Error(`siphms ${args.join(" ")}: ${result.stderr}`);
    return jsonOf<T>(result);
  };

  interface Listed {
    readonly kid: string;
    readonly name: string;
    readonly state: string;
  }

  it("takes the lost one away with the other, within five seconds, and not a stranger's", async () => {
    const lost = await phoneAt("right");
    const mine = await enrolCommandLine("mine");
    const [owner, ...others] = await as<Listed[]>(mine, "device", "list");
    expect(owner).toMatchObject({ name: "mine", state: "active" });
    expect(others).toMatchObject([{ kid: lost.kid, name: "phone", state: "active" }]);
    const revoked = await as<Listed>(mine, "device", "revoke", lost.kid);
    expect(revoked.state).toBe("revoked");
    await expectClosed(lost.access);
    const after = await as<Listed[]>(mine, "device", "list");
    expect(after.map(({ state }) => state)).toEqual(["active", "revoked"]);

    const own = mrn;
    mrn = `${own}-STRANGER`;
    await world.addPatient(mrn);
    const stranger = await phoneAt("left");
    const refused = await siphms(["device", "revoke", stranger.kid, "--state", mine]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('"refused"');
    expect(await statusOf(stranger.access)).not.toBe(CLOSED);
  });

  it("is told by a revoked one's own command that it may have been revoked, and nothing of it is deleted", async () => {
    const state = await enrolCommandLine("given-back");
    const [own] = await as<Listed[]>(state, "device", "list");
    // A device may also take itself away.
    await as(state, "device", "revoke", own!.kid);
    const asked = await siphms(["device", "list", "--state", state]);
    expect(asked.status).toBe(1);
    expect(asked.stderr).toContain("may have been revoked");
    const status = await as<{ state: string }>(state, "device", "status");
    expect(status.state).toBe("active");
    expect(existsSync(state)).toBe(true);
    const devices = await world.left.json<Listed[]>("device", "list", "--mrn", mrn);
    expect(devices.map((one) => one.state)).toEqual(["revoked"]);
  });

  it("is sent a notice that each device shows and says that it was seen", async () => {
    const state = await enrolCommandLine("reader");
    await world.right.json("notice", mrn, "--message", "Please call the ward.");
    await world.right.json("notice", mrn, "--measure-now", "--kind", "spo2");
    interface Shown {
      readonly kind: string;
      readonly text?: string;
      readonly kinds?: readonly string[];
    }
    const read = () => as<Shown[]>(state, "device", "notices", "--wait", "2");
    const shown = await read();
    expect(shown).toMatchObject([
      { kind: "message", text: "Please call the ward." },
      { kind: "measure-now", kinds: ["spo2"] },
    ]);
    expect(await read(), "they stay until somebody has seen them").toEqual(shown);
    await as(state, "device", "notices", "--wait", "1", "--seen");
    expect(await read()).toEqual([]);
    interface Sent {
      readonly kind: string;
      readonly seen?: number;
    }
    const sent = await world.left.json<Sent[]>("notice", mrn);
    expect(sent.map(({ kind, seen }) => [kind, seen !== undefined])).toEqual([
      ["measure-now", true],
      ["message", true],
      ["binding-active", true],
    ]);
  });
});
