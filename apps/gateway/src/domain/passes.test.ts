import { SignJWT } from "jose";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createFakeHospital,
  randomSid,
  type FakeHospital,
  type PassChanges,
} from "../testing/fake-hospital.ts";
import { createMovableClock, type MovableClock } from "../testing/test-gateway.ts";
import { createPasses, type PassPorts, type Passes } from "./passes.ts";
import type { HospitalDirectory } from "./ports.ts";
import { refuse } from "./refusal.ts";
import { createVouchers, type Vouchers } from "./vouchers.ts";

const URL = "https://gateway.example";
let clock: MovableClock;
let hospital: FakeHospital;
let closed: boolean;
let verifications: number;
let excused: number;
let busy: boolean;
let vouchers: Vouchers;
let passes: Passes;
const sid = randomSid();
const sidText = Buffer.from(sid).toString("base64url");

function directoryOf(...hospitals: readonly FakeHospital[]): HospitalDirectory {
  const all = hospitals.map((one) => one.registration);
  return {
    find: (id) => all.find((one) => one.id === id),
    list: () => all,
    isAppOrigin: () => false,
  };
}

function ports(changes: Partial<PassPorts> = {}): PassPorts {
  return {
    directory: directoryOf(hospital),
    isClosed: () => closed,
    addressLimit: {
      admit() {
        if (busy) return refuse("slow-down", { retryAfterSeconds: 1 });
        verifications += 1;
        return undefined;
      },
      excuse: () => (excused += 1),
    },
    vouchers,
    clock,
    audience: () => URL,
    maxCached: 3,
    ...changes,
  };
}

async function outcome(token: string, sidOfAddress = sidText, of = passes): Promise<string> {
  const result = await of.check({ token, sidText: sidOfAddress, address: "a" });
  return result.kind === "refused" ? result.problem : "valid";
}

beforeEach(async () => {
  clock = createMovableClock();
  closed = false;
  busy = false;
  verifications = 0;
  excused = 0;
  hospital = await createFakeHospital({ gatewayUrl: () => URL, now: () => clock.now() });
  vouchers = createVouchers(clock, 100);
  passes = createPasses(ports());
});

afterEach(() => {
  passes.stop();
});

describe("a good pass", () => {
  it("gives session and limit", async () => {
    const token = await hospital.pass(sid, { limit: 42 });
    expect(await passes.check({ token, sidText, address: "a" })).toEqual({
      kind: "valid",
      session: { hospital: "test-hospital", sid },
      limit: 42,
    });
  });

  it("is verified once, however often it is shown", async () => {
    const token = await hospital.pass(sid);
    for (let time = 0; time < 5; time += 1) expect(await outcome(token)).toBe("valid");
    expect([verifications, excused, passes.size()]).toEqual([1, 1, 1]);
  });

  it("is verified once, however many show it at the same time", async () => {
    const token = await hospital.pass(sid);
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcome(token)));
    expect([new Set(outcomes), verifications]).toEqual([new Set(["valid"]), 1]);
  });

  it("may say that its typ is JWT", async () => {
    expect(await outcome(await hospital.pass(sid, { typ: "JWT" }))).toBe("valid");
  });

  it("is forgotten when there are too many, and verified again", async () => {
    const first = await hospital.pass(sid);
    await outcome(first);
    for (let count = 0; count < 3; count += 1) {
      const other = randomSid();
      await outcome(await hospital.pass(other), Buffer.from(other).toString("base64url"));
    }
    expect(passes.size()).toBe(3);
    expect([await outcome(first), verifications]).toEqual(["valid", 5]);
  });

  it("ends on the millisecond of its exp, whether known or new", async () => {
    const token = await hospital.pass(sid);
    expect(await outcome(token)).toBe("valid");
    clock.advance(3_600_000 - 1);
    expect(await outcome(token)).toBe("valid");
    clock.advance(1);
    expect(await outcome(token)).toBe("session-expired");
    expect([await outcome(token), passes.size()]).toEqual(["session-expired", 0]);
  });

  it("ends when its session is closed", async () => {
    const token = await hospital.pass(sid);
    await outcome(token);
    closed = true;
    expect(await outcome(token)).toBe("session-expired");
  });

  it("does not open another session, not even in the cache", async () => {
    const token = await hospital.pass(sid);
    const other = Buffer.from(randomSid()).toString("base64url");
    expect(await outcome(token, other)).toBe("pass-invalid");
    expect(await outcome(token)).toBe("valid");
    expect(await outcome(token, other)).toBe("pass-invalid");
  });

  it("ends when its hospital is expelled, and when the key is another", async () => {
    let directory = directoryOf(hospital);
    const changing = createPasses(
      ports({ directory: { ...directory, find: (id) => directory.find(id) } }),
    );
    const token = await hospital.pass(sid);
    expect(await outcome(token, sidText, changing)).toBe("valid");
    directory = directoryOf();
    expect(await outcome(token, sidText, changing)).toBe("pass-invalid");
    const rekeyed = await createFakeHospital({ gatewayUrl: () => URL, now: () => clock.now() });
    directory = directoryOf(rekeyed);
    expect(await outcome(token, sidText, changing)).toBe("pass-invalid");
    directory = directoryOf({
      ...hospital,
      registration: { ...hospital.registration, name: "renamed" },
    });
    expect(await outcome(token, sidText, changing)).toBe("valid");
  });
});

describe("a pass is refused as pass-invalid [HS-312d]", () => {
  const seconds = (): number => Math.floor(clock.now() / 1000);

  it.each<[string, () => PassChanges]>([
    ["for another gateway", () => ({ audience: "https://other.example" })],
    ["of a hospital that is not admitted", () => ({ issuer: "nobody" })],
    ["with a sid of 15 bytes", () => ({ subject: "A".repeat(20) })],
    ["with a sid in another spelling", () => ({ subject: `${"A".repeat(21)}B` })],
    ["with a sid that is no base64url", () => ({ subject: "+".repeat(22) })],
    ["with exp more than a day ahead", () => ({ expiresAtSeconds: seconds() + 86_400 + 31 })],
    ["with lim 0", () => ({ limit: 0 })],
    ["with a fractional lim", () => ({ limit: 1.5 })],
    ["with a negative lim", () => ({ limit: -1 })],
    ["with a lim over 6000", () => ({ limit: 6001 })],
    ["with a lim that is a text", () => ({ limit: "60" })],
    ["with a lim that is null", () => ({ limit: null })],
    ["that is an uplink token", () => ({ typ: "siphms-uplink" })],
    ["of any other typ", () => ({ typ: "at+jwt" })],
  ])("%s", async (_what, changes) => {
    expect(await outcome(await hospital.pass(sid, changes()))).toBe("pass-invalid");
    expect(passes.size()).toBe(0);
  });

  it.each(["iss", "aud", "sub", "exp", "lim"])("without %s", async (missing) => {
    const claims = { iss: "test-hospital", aud: URL, sub: sidText, exp: seconds() + 60, lim: 60 };
    const kept = Object.fromEntries(Object.entries(claims).filter(([name]) => name !== missing));
    const { privateKey, registration } = await hospitalWithKey();
    const own = createPasses(ports({ directory: { ...directoryOf(), find: () => registration } }));
    const sign = (payload: Record<string, unknown>) =>
      new SignJWT(payload).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
    expect(await outcome(await sign(claims), sidText, own)).toBe("valid");
    expect(await outcome(await sign(kept), sidText, own)).toBe("pass-invalid");
  });

  it.each([
    ["nothing", ""],
    ["no JWT", "a.b.c"],
    ["two parts", "e30.e30"],
    ["a JWT that is not signed", `${encode({ alg: "none" })}.${encode({ iss: "test-hospital" })}.`],
    [
      "an iss that is no text",
      `${encode({ alg: "ES256" })}.${encode({ iss: ["test-hospital"] })}.AAAA`,
    ],
    ["a text without end", "A".repeat(100_000)],
  ])("when it is %s", async (_what, token) => {
    expect(await outcome(token)).toBe("pass-invalid");
  });

  it("when one character of it is changed", async () => {
    const token = await hospital.pass(sid);
    for (const at of [5, token.indexOf(".") + 5, token.length - 10]) {
      const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
      expect(await outcome(changed)).toBe("pass-invalid");
    }
  });

  it("when it has more than 690 bytes", async () => {
    const token = await hospital.pass(sid, { audience: URL + "/".repeat(400) });
    expect(token.length).toBeGreaterThan(690);
    expect(await outcome(token)).toBe("pass-invalid");
  });

  it("when the hospital's key is no point of the curve", async () => {
    const bad = { ...hospital.registration.passKey, y: "A".repeat(43) };
    const registration = { ...hospital.registration, passKey: bad };
    const own = createPasses(ports({ directory: { ...directoryOf(), find: () => registration } }));
    expect(await outcome(await hospital.pass(sid), sidText, own)).toBe("pass-invalid");
  });
});

describe("a pass that is not known", () => {
  it("is not verified while its address is too busy", async () => {
    busy = true;
    expect(await outcome(await hospital.pass(sid))).toBe("slow-down");
    expect(passes.size()).toBe(0);
  });

  it("is refused as session-expired without a look at its signature", async () => {
    const expired = { expiresAtSeconds: Math.floor(clock.now() / 1000) - 1 };
    expect(await outcome(await hospital.pass(sid, expired))).toBe("session-expired");
    expect(verifications).toBe(0);
  });
});

describe("a pass that shows by its text that it is none here", () => {
  it.each<[string, PassChanges]>([
    ["for another gateway", { audience: "https://other.example" }],
    ["of a hospital that is not admitted", { issuer: "nobody" }],
    ["for another session", { subject: "A".repeat(22) }],
    ["with lim 0", { limit: 0 }],
    ["that is an uplink token", { typ: "siphms-uplink" }],
  ])("costs no signature: %s", async (_what, changes) => {
    const token = await hospital.pass(sid, changes);
    const result = await passes.check({ token, sidText, address: "a" });
    expect(result).toMatchObject({ problem: "pass-invalid", reason: "pass-malformed" });
    expect(verifications).toBe(0);
  });
});

describe("a forged pass", () => {
  const forge = async (of: Promise<string>): Promise<string> => {
    const [header, payload] = (await of).split(".");
    return `${String(header)}.${String(payload)}.${randomBytes(64).toString("base64url")}`;
  };

  it("is refused, counted against its address, and not excused", async () => {
    const token = await forge(hospital.pass(sid));
    const result = await passes.check({ token, sidText, address: "a" });
    expect(result).toMatchObject({ problem: "pass-invalid", reason: "pass-forged" });
    expect([verifications, excused]).toEqual([1, 0]);
  });

  it("costs one signature, however often it comes", async () => {
    const token = await forge(hospital.pass(sid));
    for (let time = 0; time < 5; time += 1) expect(await outcome(token)).toBe("pass-invalid");
    expect(verifications).toBe(1);
  });

  it("that is remembered is looked at again when the hospital's key is another", async () => {
    const other = await createFakeHospital({ gatewayUrl: () => URL, now: () => clock.now() });
    let directory = directoryOf(hospital);
    const changing = createPasses(
      ports({ directory: { ...directory, find: (id) => directory.find(id) } }),
    );
    const token = await other.pass(sid);
    expect(await outcome(token, sidText, changing)).toBe("pass-invalid");
    directory = directoryOf(other);
    expect(await outcome(token, sidText, changing)).toBe("valid");
  });

  it("pushes no good pass out, however many come", async () => {
    const token = await hospital.pass(sid);
    expect(await outcome(token)).toBe("valid");
    for (let count = 0; count < 20; count += 1) await outcome(await forge(hospital.pass(sid)));
    expect([await outcome(token), excused, passes.size()]).toEqual(["valid", 1, 1]);
  });

  it("flood does not hold up an address that was just let in", async () => {
    const flood = await Promise.all(Array.from({ length: 200 }, () => forge(hospital.pass(sid))));
    const good = await hospital.pass(sid);
    const check = (token: string, address: string) => passes.check({ token, sidText, address });
    let refused = 0;
    const all = flood.map((token) => check(token, "flood").then(() => (refused += 1)));
    vouchers.give("honest");
    expect(await check(good, "honest")).toMatchObject({ kind: "valid" });
    expect(refused).toBeLessThan(20);
    passes.stop();
    await Promise.all(all);
  });

  it("flood leaves places for passes of other addresses", async () => {
    const flood = await Promise.all(Array.from({ length: 300 }, () => forge(hospital.pass(sid))));
    const good = await hospital.pass(sid);
    const check = (token: string, address: string) => passes.check({ token, sidText, address });
    const refused = flood.map((token) => check(token, "flood"));
    const honest = check(good, "honest");
    const reasons = (await Promise.all(refused)).map((one) => "reason" in one && one.reason);
    expect([await honest, reasons.filter((one) => one === "pass-forged").length]).toMatchObject([
      { kind: "valid" },
      256,
    ]);
    expect(reasons.filter((one) => one === "check-places")).toHaveLength(44);
    // What got no place cost nothing, and comes again.
    expect(excused).toBe(45);
  });
});

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

async function hospitalWithKey() {
  const { generateKeyPair, exportJWK } = await import("jose");
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const { x = "", y = "" } = await exportJWK(publicKey);
  const passKey = { kty: "EC", crv: "P-256", x, y } as const;
  return { privateKey, registration: { ...hospital.registration, passKey } };
}
