import type { RegistryDevice } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { digitsIn, stageOf, type StageFacts } from "./enrolment-stage.ts";

const device = (kid: string, change: Partial<RegistryDevice> = {}): RegistryDevice => ({
  kid,
  name: "Phone",
  state: "active",
  enrolled: 1,
  ...change,
});

const FACTS: StageFacts = {
  devices: [],
  before: new Set(),
  invitation: { link: "https://example.org/#x", expires: 1000 },
  now: 999,
};

describe("how far connecting a phone has come", () => {
  it("has not begun without an invitation", () => {
    expect(stageOf({ ...FACTS, invitation: undefined })).toEqual({ kind: "idle" });
  });

  it("waits while the invitation is good, and says when it is not any more", () => {
    expect(stageOf(FACTS)).toEqual({ kind: "inviting", isGood: true });
    expect(stageOf({ ...FACTS, now: 1000 })).toEqual({ kind: "inviting", isGood: false });
  });

  it("compares as soon as a phone waits, also after the invitation's end", () => {
    const waiting = device("a", { state: "pending", code: "waiting" });
    const comparing = { kind: "comparing", device: waiting, digits: false };
    expect(stageOf({ ...FACTS, devices: [waiting], now: 5000 })).toEqual(comparing);
    const shown = device("a", { state: "pending", code: "shown" });
    expect(stageOf({ ...FACTS, devices: [shown] })).toMatchObject({ digits: true });
  });

  it("does not take a phone that was there before for the new one", () => {
    const facts = { ...FACTS, devices: [device("old")], before: new Set(["old"]) };
    expect(stageOf(facts)).toEqual({ kind: "inviting", isGood: true });
    const both = { ...facts, devices: [device("old"), device("new")] };
    expect(stageOf(both)).toMatchObject({ kind: "active", device: { kid: "new" } });
  });

  it("takes neither a revoked nor a dropped phone for anything", () => {
    const devices = [device("a", { state: "revoked" }), device("b", { state: "dropped" })];
    expect(stageOf({ ...FACTS, devices })).toEqual({ kind: "inviting", isGood: true });
  });
});

describe("digits that somebody typed", () => {
  it.each([
    ["123 456", "123456"],
    ["١٢٣٤٥٦", "123456"],
    ["۱۲۳-۴۵۶", "123456"],
    ["1234567", "123456"],
    ["12a", "12"],
    ["", ""],
  ])("%j is %j", (text, digits) => {
    expect(digitsIn(text)).toBe(digits);
  });
});
