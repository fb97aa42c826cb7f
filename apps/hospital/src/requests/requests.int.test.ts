import { toBase64Url } from "@siphms/cose";
import { commitment, confirmationCode, deriveConfirmationSecret, METHODS } from "@siphms/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findDeviceByKid, openDeviceCode } from "../enrolment/index.ts";
import { createQuarantineDesk } from "../quarantine/index.ts";
import { createRecords } from "../records/index.ts";
import { readEntries } from "../testing/audit-entries.ts";
import {
  heartRates,
  receiptOf,
  reseal,
  responseOf,
  sealConfirm,
  sealReadings,
  sealRequest,
} from "../testing/phone-messages.ts";
import {
  enrolActive,
  enrolPending,
  openSession,
  shakeHands,
  type PhoneSession,
} from "../testing/phone.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let world: ProtocolWorld;
beforeAll(async () => {
  world = await createProtocolWorld();
});
afterAll(() => world.close());

type Request = Parameters<typeof sealRequest>[1];
type Changes = Parameters<typeof sealRequest>[2];

async function ask(session: PhoneSession, request: Request, changes?: Changes) {
  const item = await sealRequest(session, request, changes);
  return responseOf(session, await world.submit(item));
}

async function confirm(session: PhoneSession, nonceD = session.nonceD) {
  return responseOf(session, await world.submit(await sealConfirm(session, nonceD)));
}

async function deviceOf(session: PhoneSession) {
  const device = await findDeviceByKid(world.database, world.keyring, session.phone.credential.kid);
  if (device === undefined) throw new Error("no such device");
  return device;
}

async function codeOf(session: PhoneSession) {
  return openDeviceCode(world.database, world.keyring, await deviceOf(session));
}

async function expectedCode(session: PhoneSession): Promise<string> {
  const secret = await deriveConfirmationSecret(session.exporter);
  const { nonceD, grant } = session;
  return confirmationCode({ secret, nonceD, nonceH: grant.nonceH }, world.crypto);
}

const done = { error: 0, result: new Map() };

describe("confirm", () => {
  it("shows staff the same six digits as the phone", async () => {
    const session = await enrolPending(world);
    expect(await codeOf(session)).toBeUndefined();
    expect(await confirm(session)).toMatchObject(done);
    const code = await codeOf(session);
    expect(code).toBe(await expectedCode(session));
    expect(code).toMatch(/^[0-9]{6}$/);
  });

  it("answers a right opening again with the same", async () => {
    const session = await enrolPending(world);
    await confirm(session);
    const code = await codeOf(session);
    expect(await confirm(session)).toMatchObject(done);
    expect(await codeOf(session)).toBe(code);
  });

  it("answers two right openings in one group", async () => {
    const session = await enrolPending(world);
    const outcomes = await world.submitTogether([
      await sealConfirm(session),
      await sealConfirm(session),
    ]);
    const responses = await Promise.all(outcomes.map((one) => responseOf(session, one)));
    expect(responses).toMatchObject([done, done]);
  });

  it("still answers a right opening once the binding is active", async () => {
    const session = await enrolActive(world);
    expect(await confirm(session)).toMatchObject(done);
  });

  it("drops the binding for an opening that does not fit, closes its sessions and alerts staff [HS-312d]", async () => {
    const session = await enrolPending(world);
    const second = await openSession(world, session.phone);
    const other = new Uint8Array(32);
    expect(await confirm(session, other)).toMatchObject({ error: "refused" });
    expect((await deviceOf(session)).state).toBe("dropped");
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.closed).toContainEqual(session.keys.sid);
    expect(world.closed).toContainEqual(second.keys.sid);
    expect(await world.submit(await sealConfirm(session))).toEqual({ kind: "no-answer" });
    const { patientId } = await deviceOf(session);
    const alerts = await readEntries(world, "event = 'device.dropped' AND subject = $1", [
      patientId,
    ]);
    expect(alerts).toMatchObject([{ details: { alert: true } }]);
  });

  it("lets the refusal leave before the gateway is told to throw the mailbox away", async () => {
    const session = await enrolPending(world);
    const { sid, body } = await sealConfirm(session, new Uint8Array(32));
    const closedBefore = await new Promise<boolean>((resolve) => {
      world.ingest.submit({ sid, body, receivedAt: world.clock.now() }, () => {
        resolve(world.closed.some((one) => one.join() === sid.join()));
      });
    });
    expect(closedBefore).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.closed).toContainEqual(sid);
  });

  it("leaves token and key spent after an opening that does not fit", async () => {
    const session = await enrolPending(world);
    await confirm(session, new Uint8Array(32));
    expect(await shakeHands(world, session.phone)).toMatchObject({ kind: "refused" });
  });

  it("takes nothing more of a group after an opening that does not fit", async () => {
    const session = await enrolPending(world);
    const outcomes = await world.submitTogether([
      await sealConfirm(session, new Uint8Array(32)),
      await sealConfirm(session),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["answer", "no-answer"]);
    expect(await codeOf(session)).toBeUndefined();
  });

  it("is refused in a session whose EAD_3 held no commitment, and nothing is dropped", async () => {
    const session = await enrolPending(world);
    const byKid = await openSession(world, session.phone);
    expect(await confirm({ ...byKid, nonceD: session.nonceD })).toMatchObject({ error: "refused" });
    expect((await deviceOf(session)).state).toBe("pending");
  });

  it("is refused with the opening of another session's commitment", async () => {
    const first = await enrolPending(world);
    const opening = await commitment(first.nonceD, world.crypto);
    const other = await enrolPending(world);
    expect(await confirm(other, opening)).toMatchObject({ error: "refused" });
  });

  it("has bad parameters with a nonce of another length", async () => {
    const session = await enrolPending(world);
    const parameters = new Map([[1, new Uint8Array(31)]]);
    expect(await ask(session, { method: "confirm", parameters })).toMatchObject({
      error: "bad-parameters",
    });
    expect((await deviceOf(session)).state).toBe("pending");
  });
});

describe("requests of a pending binding", () => {
  it.each(["profile", "history", "limits", "no-such-method"])(
    "are answered with pending: %s",
    async (method) => {
      const session = await enrolPending(world);
      expect(await ask(session, { method })).toMatchObject({ error: "pending" });
    },
  );

  it("are stale before they are pending", async () => {
    const session = await enrolPending(world);
    const created = world.clock.now() - 10 * MINUTE - 1;
    expect(await ask(session, { method: "profile" }, { created })).toMatchObject({
      error: "stale",
    });
  });
});

describe("requests in time", () => {
  let session: PhoneSession;
  beforeEach(async () => {
    session = await enrolActive(world);
  });

  it.each([10 * MINUTE + 1, -10 * MINUTE - 1])(
    "are stale when created %d ms from now",
    async (offset) => {
      const created = world.clock.now() + offset;
      expect(await ask(session, { method: "profile" }, { created })).toMatchObject({
        error: "stale",
      });
    },
  );

  it.each([10 * MINUTE, -10 * MINUTE])("are taken when created %d ms from now", async (offset) => {
    const created = world.clock.now() + offset;
    expect(await ask(session, { method: "profile" }, { created })).toMatchObject({ error: 0 });
  });

  it("get the stored answer when they come again, however old they are", async () => {
    const item = await sealRequest(session, { method: "profile" });
    const first = await responseOf(session, await world.submit(item));
    await world.clock.advance(HOUR);
    const again = await world.submit(await reseal(session, item.signed));
    expect(await responseOf(session, again)).toEqual(first);
  });

  it("are gone after 24 hours", async () => {
    const item = await sealRequest(session, { method: "profile" });
    await world.submit(item);
    await world.clock.advance(24 * HOUR + 1);
    const later = await openSession(world, session.phone);
    const again = await world.submit(await reseal(later, item.signed));
    expect(await responseOf(later, again)).toMatchObject({ error: "gone" });
  });

  it("have an unknown method where version 1 or this hospital knows none", async () => {
    for (const method of ["consent", "no-such-method", ""]) {
      expect(await ask(session, { method })).toMatchObject({ error: "unknown-method" });
    }
  });

  it("have bad parameters where the method's schema is broken", async () => {
    expect(await ask(session, { method: "history" })).toMatchObject({ error: "bad-parameters" });
  });

  it("are answered once, with one audit entry [HS-312b]", async () => {
    const item = await sealRequest(session, { method: "profile" });
    const [a, b] = await world.submitTogether([item, item]);
    expect(a).toEqual(b);
    const entries = await world.count(
      "SELECT count(*) AS count FROM audit_events WHERE event = 'request.answered' AND object = $1",
      [Buffer.from(item.messageId).toString("hex")],
    );
    expect(entries).toBe(1);
  });
});

describe("profile", () => {
  it("is the patient's own, with the doctor's name and the age in full years", async () => {
    const patientId = await newPatient(world, { doctor: "Dr. Profile" });
    const session = await enrolActive(world, patientId);
    const { error, result } = await ask(session, { method: "profile" });
    expect(error).toBe(0);
    expect(METHODS.profile.result.parse(result)).toEqual({
      patientId,
      name: "Bo Invented",
      age: 75,
      problem: "Heart failure",
      doctor: "Dr. Profile",
      lastVisit: Date.UTC(2025, 11, 24),
    });
  });
});

describe("history", () => {
  let session: PhoneSession;
  let start: number;
  beforeAll(async () => {
    session = await enrolActive(world);
    start = world.clock.now() - 10 * MINUTE;
    const series = [
      heartRates(start, 70, 0, 72),
      { kind: 2, start, step: 0, values: [[120, 80, 200]], origin: 1 } as const,
      { kind: 5, start, step: 0, values: [3675], origin: 0 } as const,
    ];
    const outcome = await world.submit(await sealReadings(session, series));
    expect((await receiptOf(session, outcome)).outcome).toBe(1);
  });

  async function history(parameters: Parameters<typeof METHODS.history.parameters.encode>[0]) {
    const encoded = METHODS.history.parameters.encode(parameters);
    const { error, result } = await ask(session, { method: "history", parameters: encoded });
    expect(error).toBe(0);
    return METHODS.history.result.parse(result);
  }

  it("gives what was stored, in wire units, without what stands in quarantine", async () => {
    const { series, nextFrom } = await history({ from: start, to: start + HOUR });
    expect(nextFrom).toBeUndefined();
    expect(series).toHaveLength(3);
    const byKind = new Map(series.map((one) => [one.kind, one]));
    expect(byKind.get(1)).toMatchObject({ start, deltas: [0, 2000], values: [70, 72], origin: 0 });
    expect(byKind.get(2)).toMatchObject({ values: [[120, 80, null]], origin: 1 });
    expect(byKind.get(5)).toMatchObject({ values: [3675] });
  });

  it("gives only the kinds that are asked for", async () => {
    const { series } = await history({ from: start, to: start + HOUR, kinds: [5] });
    expect(series.map(({ kind }) => kind)).toEqual([5]);
  });

  it("includes from and excludes to", async () => {
    const { series } = await history({ from: start + 2000, to: start + 2001 });
    expect(series).toMatchObject([{ kind: 1, values: [72] }]);
    expect((await history({ from: start + 1, to: start + 2000 })).series).toEqual([]);
  });

  it("goes on where the limit cut it short, without a sample twice or never", async () => {
    const first = await history({ from: start, to: start + HOUR, kinds: [1], limit: 1 });
    expect(first.series).toMatchObject([{ values: [70] }]);
    const next = await history({ from: first.nextFrom ?? 0, to: start + HOUR, kinds: [1] });
    expect(next.series).toMatchObject([{ values: [72] }]);
  });

  it("is empty for a range that ends before it begins", async () => {
    expect((await history({ from: start + HOUR, to: start })).series).toEqual([]);
  });

  it("has what a doctor has released, from then on, and not what was rejected", async () => {
    const own = await enrolActive(world);
    const at = world.clock.now() - MINUTE;
    const outcome = await world.submit(await sealReadings(own, [heartRates(at, 1000)]));
    const receipt = await receiptOf(own, outcome);
    expect(receipt.outcome).toBe(2);
    const shown = async () => {
      const parameters = METHODS.history.parameters.encode({ from: at, to: at + HOUR });
      const { result } = await ask(own, { method: "history", parameters });
      return METHODS.history.result.parse(result).series;
    };
    expect(await shown()).toEqual([]);
    const device = await deviceOf(own);
    const desk = createQuarantineDesk({
      ...world,
      records: createRecords(world),
      onDecided: () => undefined,
    });
    const item = {
      device: toBase64Url(device.kid),
      messageId: toBase64Url(receipt.messageId),
      reason: "out-of-range",
    };
    const decide = (decision: "rejected" | "released") =>
      desk.decide(
        { items: [item], decision, why: "Seen on the ward's monitor" },
        { patientId: device.patientId, actor: "staff:1" },
      );
    expect(await decide("released")).toEqual({ kind: "decided" });
    expect(await shown()).toMatchObject([{ kind: 1, start: at, values: [1000] }]);
    expect(await decide("rejected")).toEqual({ kind: "decided" });
    expect(await shown()).toEqual([]);
  });

  it("never shows another patient's readings", async () => {
    const other = await enrolActive(world);
    const parameters = METHODS.history.parameters.encode({ from: 0, to: start + HOUR });
    const { result } = await ask(other, { method: "history", parameters });
    expect(METHODS.history.result.parse(result).series).toEqual([]);
  });

  it("gives nothing while the log cannot be written, and the answer once it can (SR-61) [HS-312b]", async () => {
    const role = new URL(world.test.url).username;
    const parameters = METHODS.history.parameters.encode({ from: start, to: start + HOUR });
    const item = await sealRequest(session, { method: "history", parameters });
    await world.tamper(`REVOKE INSERT ON audit_events FROM ${role}`);
    expect(await world.submit(item)).toEqual({ kind: "no-answer" });
    await world.tamper(`GRANT INSERT ON audit_events TO ${role}`);
    const { result } = await responseOf(session, await world.submit(item));
    expect(METHODS.history.result.parse(result).series).not.toEqual([]);
  });
});
