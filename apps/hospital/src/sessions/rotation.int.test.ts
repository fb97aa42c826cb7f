import { NOTICES, METHODS, parseNotice, TYP, type Notice } from "@siphms/messages";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findDeviceByKid } from "../enrolment/index.ts";
import { rotateIdentity, type HospitalIdentity } from "../keys/index.ts";
import { HOSPITAL } from "../testing/hospital-world.ts";
import { createOperator } from "../testing/operator-world.ts";
import {
  heartRates,
  openAnswer,
  receiptOf,
  reseal,
  responseOf,
  sealReadings,
  sealRequest,
} from "../testing/phone-messages.ts";
import {
  activate,
  enrolActive,
  enrolPending,
  openSession,
  shakeHands,
  type PhoneSession,
} from "../testing/phone.ts";
import { createProtocolWorld, type ProtocolWorld } from "../testing/protocol-world.ts";

const DAY = 86_400_000;
let world: ProtocolWorld;
let operator: FastifyInstance;
let session: PhoneSession;
let first: HospitalIdentity;

async function open(): Promise<void> {
  world = await createProtocolWorld();
  operator = createOperator(world);
}

async function close(): Promise<void> {
  await operator.close();
  await world.close();
}

async function begin(): Promise<void> {
  vi.restoreAllMocks();
  world.link.isUp = true;
  world.delivered.length = 0;
  first = world.keys.identity;
  session = await enrolActive(world);
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The operator makes a new key. @returns the one before, as it is now. */
async function rotate(oldKeyDays = 90): Promise<HospitalIdentity> {
  const old = world.keys.identity.id;
  // Two keys of one millisecond would stand in no order for a device that enrols between them.
  await world.clock.advance(1);
  const answer = await operator.inject({
    method: "POST",
    url: "/operator/keys/rotate",
    payload: { key: "identity", oldKeyDays },
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return world.keys.identities.find(({ id }) => id === old)!;
}

/** What the gateway was handed for a session since the last time, opened as its device does. */
async function received(of: PhoneSession, hospital: ProtocolWorld = world): Promise<Notice[]> {
  await turn();
  const notices: Notice[] = [];
  for (const { sid, envelope } of hospital.delivered.splice(0)) {
    if (sid.join() !== of.keys.sid.join()) continue;
    const { typ, payload } = await openAnswer(of, envelope);
    expect(typ).toBe(TYP.notice);
    notices.push(parseNotice(payload));
  }
  return notices;
}

async function deviceOf({ phone }: PhoneSession) {
  const device = await findDeviceByKid(world.database, world.keyring, phone.credential.kid);
  if (device === undefined) throw new Error("no such device");
  return device;
}

async function say(of: PhoneSession, notice: Notice): Promise<void> {
  const parameters = METHODS.seen.parameters.encode({ messageIds: [notice.messageId] });
  const item = await sealRequest(of, { method: "seen", parameters });
  expect(await responseOf(of, await world.submit(item))).toMatchObject({ error: 0 });
}

function announcement(notice: Notice | undefined) {
  expect(notice?.kind).toBe("key-rotation");
  return NOTICES["key-rotation"].parse(notice!.body);
}

async function waiting(): Promise<number> {
  const answer = await operator.inject({ method: "GET", url: "/operator/keys" });
  return answer.json<{ waitingDevices: number }>().waitingDevices;
}

const activeDevices = () =>
  world.count("SELECT count(*) AS count FROM devices WHERE state = 'active'");

const recent = () => [heartRates(world.clock.now() - 5000, 72)];

describe("a rotation of the hospital's identity", () => {
  beforeAll(open);
  afterAll(close);
  beforeEach(begin);

  it("is announced in an open session, by the key of that session, once", async () => {
    const old = await rotate();
    await world.sessions.lookAround();
    await world.sessions.lookAround();
    const notices = await received(session);
    expect(notices).toHaveLength(1);
    expect(announcement(notices[0])).toEqual({
      hospitalCredential: world.keys.identity.credential.bytes,
      validUntil: old.validUntil,
    });
    expect(old.validUntil).toBe(world.clock.now() + 90 * DAY);
  });

  it("does not end the sessions of the old key, and its answers stay signed by that", async () => {
    await rotate();
    const outcome = await world.submit(await sealReadings(session, recent()));
    expect(await receiptOf(session, outcome)).toMatchObject({ outcome: 0 });
  });

  it("is announced to a device that was offline when it begins its next session, with what it has queued", async () => {
    const item = await sealReadings(session, recent());
    await rotate();
    await world.clock.advance(30 * DAY);
    const next = await openSession(world, session.phone, { hospital: first });
    const [notice] = await received(next);
    expect(announcement(notice).hospitalCredential).toEqual(world.keys.identity.credential.bytes);
    const outcome = await world.submit(await reseal(next, item.signed));
    expect(await receiptOf(next, outcome)).toMatchObject({ outcome: 0, name: item.name });
  });

  it("leaves items for the old key deliverable in a session of the new one", async () => {
    const item = await sealReadings(session, recent());
    await rotate();
    const next = await openSession(world, session.phone);
    const outcome = await world.submit(await reseal(next, item.signed));
    expect(await receiptOf(next, outcome)).toMatchObject({ outcome: 0, name: item.name });
  });

  it("announces only the newest key to a device that was offline during two, with its own key's end", async () => {
    const item = await sealReadings(session, recent());
    const old = await rotate();
    await world.clock.advance(10 * DAY);
    await rotate(200);
    const next = await openSession(world, session.phone, { hospital: old });
    const notices = await received(next);
    expect(notices).toHaveLength(1);
    expect(announcement(notices[0])).toEqual({
      hospitalCredential: world.keys.identity.credential.bytes,
      validUntil: old.validUntil,
    });
    const later = await openSession(world, session.phone);
    const outcome = await world.submit(await reseal(later, item.signed));
    expect(await receiptOf(later, outcome)).toMatchObject({ outcome: 0, name: item.name });
  });

  it("does not send an announcement again that is outdated, though nobody has seen it", async () => {
    await rotate();
    await world.sessions.lookAround();
    expect(await received(session)).toHaveLength(1);
    await rotate();
    const next = await openSession(world, session.phone, { hospital: first });
    const notices = await received(next);
    expect(notices.map((one) => announcement(one).hospitalCredential)).toEqual([
      world.keys.identity.credential.bytes,
    ]);
  });

  it("does not hand out an outdated announcement that still waits for a connection", async () => {
    world.link.isUp = false;
    await rotate();
    await world.sessions.lookAround();
    await turn();
    await rotate();
    world.link.isUp = true;
    await world.sessions.onConnected("https://gateway.example");
    expect(await received(session)).toEqual([]);
    await world.sessions.lookAround();
    expect(await received(session)).toHaveLength(1);
  });

  it("is announced again, signed by the session's key, until the device says that it has seen it", async () => {
    await rotate();
    await world.sessions.lookAround();
    const [notice] = await received(session);
    const again = await openSession(world, session.phone, { hospital: first });
    const [same] = await received(again);
    expect(same?.messageId).toEqual(notice?.messageId);
    await say(again, notice!);
    const last = await openSession(world, session.phone, { hospital: first });
    expect(await received(last)).toEqual([]);
  });

  it("is not announced in a session of the new key", async () => {
    await rotate();
    await world.sessions.lookAround();
    await received(session);
    const next = await openSession(world, session.phone);
    expect(await received(next)).toEqual([]);
    await world.sessions.lookAround();
    expect(await received(next)).toEqual([]);
  });

  it("is announced to a device between two keys by the one that it uses", async () => {
    await rotate();
    const second = await openSession(world, session.phone);
    await rotate();
    await world.sessions.lookAround();
    const [notice] = await received(second);
    expect(announcement(notice).hospitalCredential).toEqual(world.keys.identity.credential.bytes);
  });

  it("is not told to a device that waits for its confirmation, but in its first session after it", async () => {
    const pending = await enrolPending(world);
    await rotate();
    await world.sessions.lookAround();
    expect(await received(pending)).toEqual([]);
    await activate(world, pending.phone);
    const next = await openSession(world, pending.phone, { hospital: first });
    expect(await received(next)).toHaveLength(1);
  });

  it("is told before fifty other notices that nobody has seen", async () => {
    const { id } = await deviceOf(session);
    await rotate();
    await world.sessions.lookAround();
    for (let i = 0; i < 55; i++) {
      const body = NOTICES.message.encode({ text: `number ${String(i)}` });
      await world.database.withTransaction((tx) =>
        world.sessions.queueNotice(tx, { deviceId: id, kind: "message", body }),
      );
    }
    await received(session);
    const next = await openSession(world, session.phone, { hospital: first });
    const notices = await received(next);
    expect(notices).toHaveLength(50);
    expect(notices[0]?.kind).toBe("key-rotation");
    const texts = notices.slice(1).map(({ body }) => NOTICES.message.parse(body).text);
    expect(texts).toEqual(Array.from({ length: 49 }, (_, i) => `number ${String(i + 6)}`));
  });

  it("tells how many devices have not heard of it yet", async () => {
    const other = await enrolActive(world);
    await enrolPending(world);
    const before = await activeDevices();
    await rotate();
    expect(await waiting()).toBe(before);
    await world.sessions.lookAround();
    const [notice] = await received(other);
    await say(other, notice!);
    expect(await waiting()).toBe(before - 1);
    await enrolActive(world);
    expect(await waiting(), "who enrols with the new key needs to hear nothing").toBe(before - 1);
  });

  it("shuts a device out that was offline until the old key's end, and no other", async () => {
    const moved = session.phone;
    const offline = await enrolActive(world);
    await rotate();
    await world.clock.advance(90 * DAY + 1);
    expect(await shakeHands(world, offline.phone, { hospital: first })).toMatchObject({
      kind: "refused",
      reply: { outcome: "hospital-key-unknown" },
    });
    expect((await shakeHands(world, moved)).kind).toBe("open");
  });
});

describe("a rotation that is disturbed", () => {
  beforeEach(async () => {
    await open();
    await begin();
  });
  afterEach(close);

  const keyStates = async () => {
    const { rows } = await world.database.query(
      "SELECT state FROM hospital_keys WHERE purpose = 'identity' ORDER BY id",
    );
    return rows.map((row) => row.text("state"));
  };

  it("has changed nothing where its transaction does not end", async () => {
    const input = { hospitalId: HOSPITAL.hospitalId, now: 1, validUntil: 2 };
    await expect(
      world.database.withTransaction(async (tx) => {
        await rotateIdentity(tx, input, world);
        throw new Error("killed");
      }),
    ).rejects.toThrow("killed");
    expect(await world.keys.refresh()).toBe(false);
    expect(await keyStates()).toEqual(["current"]);
    expect((await shakeHands(world, session.phone)).kind).toBe("open");
  });

  it("is announced by the next process where the one that made the key was killed at once", async () => {
    await rotate();
    const next = await world.another();
    await next.sessions.lookAround();
    expect(await received(session, next)).toHaveLength(1);
  });

  it("makes one key where two are made at once, and says so to the other", async () => {
    const once = () =>
      operator.inject({
        method: "POST",
        url: "/operator/keys/rotate",
        payload: { key: "identity", oldKeyDays: 90 },
      });
    const answers = await Promise.all([once(), once(), once()]);
    const made = answers.filter(({ statusCode }) => statusCode === 200).length;
    expect(made).toBeGreaterThan(0);
    for (const { statusCode } of answers) expect([200, 409]).toContain(statusCode);
    expect((await keyStates()).filter((state) => state === "current")).toHaveLength(1);
    expect(await keyStates()).toHaveLength(made + 1);
  });

  it("is not made over a key that was altered in the database", async () => {
    await world.tamper("UPDATE hospital_keys SET valid_until = 1 WHERE purpose = 'identity'");
    const answer = await operator.inject({
      method: "POST",
      url: "/operator/keys/rotate",
      payload: { key: "identity", oldKeyDays: 90 },
    });
    expect(answer.statusCode).toBe(500);
    expect(await keyStates()).toEqual(["current"]);
  });

  it("goes on for the other devices where one of them was altered in the database", async () => {
    const spoiled = await enrolActive(world);
    const healthy = await enrolActive(world);
    await world.tamper("UPDATE devices SET confirmed_by = 'nobody' WHERE kid = $1", [
      Buffer.from(spoiled.phone.credential.kid),
    ]);
    await rotate();
    await world.sessions.lookAround();
    expect(await received(healthy)).toHaveLength(1);
  });

  it("leaves another process with the keys that it has where a key was altered in the database", async () => {
    const other = await world.another();
    await rotate();
    await world.tamper("UPDATE hospital_keys SET valid_until = 1 WHERE state = 'retired'");
    const fresh = { hospital: world.keys.identity };
    expect(await shakeHands(other, session.phone, fresh)).toMatchObject({
      kind: "refused",
      reply: { outcome: "hospital-key-unknown" },
    });
    const id = (await deviceOf(session)).id;
    await world.database.withTransaction((tx) => world.sessions.closeSessionsOfDevice(tx, id));
    await world.clock.advance(1_000);
    await expect(other.sessions.lookAround()).rejects.toThrow();
    expect(other.closed, "sessions are closed all the same").toEqual([session.keys.sid]);
    expect((await shakeHands(other, session.phone, { hospital: first })).kind).toBe("open");
  });
});

describe("another process on the same database", () => {
  beforeAll(open);
  afterAll(close);
  beforeEach(begin);

  it("answers for the new key as soon as a device names it", async () => {
    const other = await world.another();
    await rotate();
    const result = await shakeHands(other, session.phone, { hospital: world.keys.identity });
    expect(result.kind).toBe("open");
    expect(other.keys.identity.id).toBe(world.keys.identity.id);
  });

  it("opens what comes in a session that began under the new key elsewhere", async () => {
    const other = await world.another();
    await rotate();
    const next = await openSession(world, session.phone);
    const outcome = await other.submit(await sealReadings(next, recent()));
    expect(await receiptOf(next, outcome)).toMatchObject({ outcome: 0 });
  });

  it("takes items for the new key in a session of the old one", async () => {
    const other = await world.another();
    await rotate();
    await other.sessions.lookAround();
    const recipient = world.keys.identity.credential.thumbprint;
    const outcome = await other.submit(await sealReadings(session, recent(), { recipient }));
    expect(await receiptOf(session, outcome)).toMatchObject({ outcome: 0 });
  });

  it("takes over the new key and announces it to the gateways that are connected there", async () => {
    const other = await world.another();
    world.link.isUp = false;
    await rotate();
    await other.sessions.lookAround();
    expect(await received(session, other)).toHaveLength(1);
  });

  it("looks for a key that nobody has once a second and no more often", async () => {
    const refresh = vi.spyOn(world.keys, "refresh");
    const unknown = { ...first, credential: { ...first.credential, kid: new Uint8Array(8) } };
    const ask = () => shakeHands(world, session.phone, { hospital: unknown });
    for (let i = 0; i < 20; i++) expect((await ask()).kind).toBe("refused");
    expect(refresh).toHaveBeenCalledTimes(1);
    await world.clock.advance(1000);
    await ask();
    expect(refresh).toHaveBeenCalledTimes(2);
  });
});
