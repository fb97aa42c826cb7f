import { SignJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
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

const URL = "https://gateway.example";
let clock: MovableClock;
let hospital: FakeHospital;
let closed: boolean;
let verifications: number;
let busy: boolean;
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
    admitVerification: () => {
      if (busy) return refuse("slow-down", 1);
      verifications += 1;
      return undefined;
    },
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
  hospital = await createFakeHospital({ gatewayUrl: () => URL, now: () => clock.now() });
  passes = createPasses(ports());
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
    expect([verifications, passes.size()]).toEqual([1, 1]);
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

describe("a pass is refused as pass-invalid", () => {
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
    // Without iss the directory is asked for nobody; here it answers all the same.
    const expected = missing === "iss" ? "valid" : "pass-invalid";
    expect(await outcome(await sign(kept), sidText, own)).toBe(expected);
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

  it("is refused as session-expired only when its signature is right", async () => {
    const expired = { expiresAtSeconds: Math.floor(clock.now() / 1000) - 1 };
    expect(await outcome(await hospital.pass(sid, expired))).toBe("session-expired");
    const other = await createFakeHospital({ gatewayUrl: () => URL, now: () => clock.now() });
    expect(await outcome(await other.pass(sid, expired))).toBe("pass-invalid");
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
