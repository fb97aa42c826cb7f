import {
  createCredential,
  DEVICE_SUB,
  equalBytes,
  hospitalSub,
  toHex,
  type Bytes,
} from "@siphms/cose";
import { encodeErrorMessage } from "@siphms/edhoc";
import { commitment, MAX_SESSION_MS, MESSAGE_4_BYTES } from "@siphms/messages";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changeDevice, findDeviceByKid } from "../enrolment/index.ts";
import { readEntries } from "../testing/audit-entries.ts";
import {
  activate,
  enrolActive,
  enrolmentEad,
  enrolPending,
  newPhone,
  openSession,
  prepareHandshake,
  shakeHands,
  type HandshakeChanges,
  type Phone,
} from "../testing/phone.ts";
import {
  createProtocolWorld,
  GATEWAY,
  newPatient,
  newToken,
  type ProtocolWorld,
} from "../testing/protocol-world.ts";

let world: ProtocolWorld;
beforeAll(async () => {
  world = await createProtocolWorld();
});
afterAll(() => world.close());

const REFUSED = { outcome: "edhoc-error", body: encodeErrorMessage(1, "handshake refused") };
const refused = { kind: "refused", reply: REFUSED };
const token = async () => newToken(world, await newPatient(world));
const sessionCount = () => world.count("SELECT count(*) AS count FROM sessions");

async function setState(phone: Phone, state: "revoked" | "dropped"): Promise<void> {
  await world.database.withTransaction(async (tx) => {
    const device = await findDeviceByKid(tx, world.keyring, phone.credential.kid);
    if (device === undefined) throw new Error("no such device");
    await changeDevice(tx, world.keyring, {
      device,
      change: { state, endedAt: world.clock.now() },
    });
  });
}

async function stateOf(phone: Phone): Promise<string | undefined> {
  const device = await findDeviceByKid(world.database, world.keyring, phone.credential.kid);
  return device?.state;
}

async function codesOf(sent: Bytes): Promise<number> {
  return world.count("SELECT codes_shown AS count FROM invitations WHERE token_hash = $1", [
    world.keyring.blindIndex("invitation-token", sent),
  ]);
}

describe("a handshake by kid [HS-312d]", () => {
  it("opens a session whose grant says that the binding is active", async () => {
    const { phone } = await enrolActive(world);
    const { grant, keys } = await openSession(world, phone);
    expect(grant).toMatchObject({ binding: 1, now: world.clock.now() });
    expect(grant.expires - grant.now).toBe(MAX_SESSION_MS);
    expect(decodeJwt(grant.pass)).toEqual({
      iss: "test-hospital",
      aud: GATEWAY,
      sub: Buffer.from(keys.sid).toString("base64url"),
      exp: Math.floor(grant.expires / 1000),
      lim: 60,
    });
  });

  it("opens a session with a pending binding, and says so", async () => {
    const { phone } = await enrolPending(world);
    expect((await openSession(world, phone)).grant.binding).toBe(0);
  });

  it("stores no key in the clear [HS-312a2iv]", async () => {
    const { keys } = await enrolActive(world);
    const { rows } = await world.database.query("SELECT sealed FROM sessions WHERE sid = $1", [
      keys.sid,
    ]);
    const sealed = Buffer.from(rows[0]!.bytes("sealed"));
    for (const key of [keys.keyUp, keys.keyDown, keys.ivUp]) {
      expect(sealed.includes(Buffer.from(key))).toBe(false);
    }
  });

  it.each(["revoked", "dropped"] as const)("is refused for a %s device", async (state) => {
    const { phone } = await enrolActive(world);
    await setState(phone, state);
    expect(await shakeHands(world, phone)).toEqual(refused);
  });

  it("is refused for a device that the hospital does not know", async () => {
    expect(await shakeHands(world, await newPhone(world))).toEqual(refused);
  });

  it("is refused for a signature by another key", async () => {
    const { phone } = await enrolActive(world);
    const signWith = (await newPhone(world)).key;
    expect(await shakeHands(world, phone, { signWith })).toEqual(refused);
  });

  it("is refused for a device row that was altered in the database", async () => {
    const { phone } = await enrolActive(world);
    await setState(phone, "revoked");
    await world.tamper("UPDATE devices SET state = 'active' WHERE kid = $1", [
      Buffer.from(phone.credential.kid),
    ]);
    expect(await shakeHands(world, phone)).toEqual(refused);
  });

  it("is refused where it names a hospital key that there is not", async () => {
    const { phone } = await enrolActive(world);
    const kid = world.crypto.randomBytes(8);
    const reply = await world.sessions.handshakes.begin({
      id: world.crypto.randomBytes(16),
      kid,
      body: (await prepareHandshake(world, phone)).body1,
      gateway: GATEWAY,
    });
    expect(reply).toEqual({ outcome: "hospital-key-unknown", body: new Uint8Array() });
  });

  it("is refused for the hospital's own key under a device's name", async () => {
    const { key, credential } = world.keys.identity;
    const own = await createCredential(DEVICE_SUB, credential.point, world.crypto);
    const sent = await token();
    expect(await shakeHands(world, { credential: own, key }, { token: sent })).toEqual(refused);
    expect(await codesOf(sent)).toBe(0);
  });
});

describe("a handshake id", () => {
  it("gets the stored message_2 and message_4 for the same messages again", async () => {
    const { phone } = await enrolActive(world);
    const { id, body1, first, body3 } = await prepareHandshake(world, phone);
    const kid = world.keys.identity.credential.kid;
    expect(
      await world.sessions.handshakes.begin({ id, kid, body: body1, gateway: GATEWAY }),
    ).toEqual(first);
    const finish = () => world.sessions.handshakes.finish({ id, body: body3!, gateway: GATEWAY });
    const before = await sessionCount();
    const [a, b] = await Promise.all([finish(), finish()]);
    expect(a.body).toHaveLength(MESSAGE_4_BYTES);
    expect(b).toEqual(a);
    await world.clock.advance(599_000);
    expect(await finish()).toEqual(a);
    expect(await sessionCount()).toBe(before + 1);
    await world.clock.advance(1000);
    expect(await finish()).toEqual(REFUSED);
  });

  it("takes no second, different message_3", async () => {
    const { phone } = await enrolActive(world);
    const { id, body3 } = await prepareHandshake(world, phone);
    const other = new Uint8Array(body3!);
    other[other.length - 1]! ^= 1;
    const { handshakes } = world.sessions;
    expect(await handshakes.finish({ id, body: other, gateway: GATEWAY })).toEqual(REFUSED);
    const again = await handshakes.finish({ id, body: body3!, gateway: GATEWAY });
    expect(again).toEqual({ outcome: "handshake-used", body: new Uint8Array() });
  });

  it("takes no second, different message_1", async () => {
    const { phone } = await enrolActive(world);
    const { id } = await prepareHandshake(world, phone);
    const { body1 } = await prepareHandshake(world, phone);
    const kid = world.keys.identity.credential.kid;
    const reply = await world.sessions.handshakes.begin({ id, kid, body: body1, gateway: GATEWAY });
    expect(reply.outcome).toBe("handshake-used");
  });

  it("is over after 60 seconds", async () => {
    const { phone } = await enrolActive(world);
    const { id, body3 } = await prepareHandshake(world, phone);
    await world.clock.advance(60_000);
    const reply = await world.sessions.handshakes.finish({ id, body: body3!, gateway: GATEWAY });
    expect(reply).toEqual(REFUSED);
  });

  it("gives no state to a message_3 of another handshake", async () => {
    const { phone } = await enrolActive(world);
    const [a, b] = [await prepareHandshake(world, phone), await prepareHandshake(world, phone)];
    const reply = await world.sessions.handshakes.finish({
      id: a.id,
      body: b.body3!,
      gateway: GATEWAY,
    });
    expect(reply).toEqual(REFUSED);
  });

  it("belongs to one gateway: to another it is unknown, whatever that sends under it", async () => {
    const { phone } = await enrolActive(world);
    const { id, body1, first, body3 } = await prepareHandshake(world, phone);
    const { handshakes } = world.sessions;
    const kid = world.keys.identity.credential.kid;
    const gateway = "https://other.example";
    expect(await handshakes.finish({ id, body: body3!, gateway })).toEqual(REFUSED);
    const stolen = await handshakes.begin({ id, kid, body: body1, gateway });
    expect([stolen.outcome, equalBytes(stolen.body, first.body)]).toEqual(["answer", false]);
    const own = await handshakes.finish({ id, body: body3!, gateway: GATEWAY });
    expect(own.outcome).toBe("answer");
  });

  it("is unknown to another process", async () => {
    const { phone } = await enrolActive(world);
    const { id, body3 } = await prepareHandshake(world, phone);
    const { handshakes } = world.restart().sessions;
    expect(await handshakes.finish({ id, body: body3!, gateway: GATEWAY })).toEqual(REFUSED);
  });
});

describe("an enrolment [HS-312d]", () => {
  it("binds the device, pending, and counts a code", async () => {
    const sent = await token();
    const phone = await newPhone(world);
    const { grant } = await openSession(world, phone, { token: sent });
    expect(grant.binding).toBe(0);
    expect(await stateOf(phone)).toBe("pending");
    expect(await codesOf(sent)).toBe(1);
  });

  it("is refused for a token that nobody made", async () => {
    const phone = await newPhone(world);
    const result = await shakeHands(world, phone, { token: world.crypto.randomBytes(16) });
    expect(result).toEqual(refused);
    expect(await stateOf(phone)).toBeUndefined();
  });

  it("is refused for a token that has expired, at the very instant", async () => {
    const sent = await newToken(world, await newPatient(world), 0);
    expect(await shakeHands(world, await newPhone(world), { token: sent })).toEqual(refused);
    expect(await codesOf(sent)).toBe(0);
  });

  it("is refused, with an alert for staff, for a spent token in another's hands", async () => {
    const sent = await token();
    await openSession(world, await newPhone(world), { token: sent });
    const thief = await newPhone(world);
    expect(await shakeHands(world, thief, { token: sent })).toEqual(refused);
    expect(await stateOf(thief)).toBeUndefined();
    const alerts = await readEntries(world, "event = 'device.refused' AND actor = $1", [
      `device:${toHex(thief.credential.kid)}`,
    ]);
    expect(alerts).toMatchObject([{ details: { alert: true } }]);
  });

  it("is refused for a key that is bound already, and leaves the new token unspent [HS-312a2i]", async () => {
    const { phone } = await enrolActive(world);
    const sent = await token();
    expect(await shakeHands(world, phone, { token: sent })).toEqual(refused);
    expect(await codesOf(sent)).toBe(0);
    expect(await shakeHands(world, await newPhone(world), { token: sent })).toMatchObject({
      kind: "open",
    });
  });

  it("is refused for a key that was seen before, also after its binding was dropped [HS-312a2i]", async () => {
    const { phone } = await enrolPending(world);
    await setState(phone, "dropped");
    expect(await shakeHands(world, phone, { token: await token() })).toEqual(refused);
  });

  it("is refused for a pending key with another invitation's token", async () => {
    const { phone } = await enrolPending(world);
    expect(await shakeHands(world, phone, { token: await token() })).toEqual(refused);
  });

  it("is refused for an active key with its own token", async () => {
    const sent = await token();
    const phone = await newPhone(world);
    await openSession(world, phone, { token: sent });
    await activate(world, phone);
    expect(await shakeHands(world, phone, { token: sent })).toEqual(refused);
    expect(await stateOf(phone)).toBe("active");
  });

  it("gives three codes to one key; the fourth drops the binding and voids the invitation", async () => {
    const sent = await token();
    const phone = await newPhone(world);
    const sessions = [];
    for (let code = 1; code <= 3; code++) {
      sessions.push(await openSession(world, phone, { token: sent }));
      expect(await codesOf(sent)).toBe(code);
    }
    expect(await shakeHands(world, phone, { token: sent })).toEqual(refused);
    expect(await stateOf(phone)).toBe("dropped");
    expect(await shakeHands(world, phone, { token: sent })).toEqual(refused);
    expect(await shakeHands(world, await newPhone(world), { token: sent })).toEqual(refused);
    for (const { keys } of sessions) expect(world.closed).toContainEqual(keys.sid);
  });

  it("may renew its code after the invitation has expired, while the binding is pending", async () => {
    const sent = await token();
    const phone = await newPhone(world);
    await openSession(world, phone, { token: sent });
    await world.clock.advance(3_600_000);
    expect(await shakeHands(world, phone, { token: sent })).toMatchObject({ kind: "open" });
  });

  it("binds one of two that redeem one token at the same time", async () => {
    const sent = await token();
    const phones = [await newPhone(world), await newPhone(world)];
    const results = await Promise.all(
      phones.map((phone) => shakeHands(world, phone, { token: sent })),
    );
    expect(results.map(({ kind }) => kind).sort()).toEqual(["open", "refused"]);
  });

  it("makes one binding when one key redeems twice at the same time", async () => {
    const sent = await token();
    const phone = await newPhone(world);
    await Promise.all([1, 2].map(() => shakeHands(world, phone, { token: sent })));
    expect(
      await world.count("SELECT count(*) AS count FROM devices WHERE kid = $1", [
        phone.credential.kid,
      ]),
    ).toBe(1);
    expect(await codesOf(sent)).toBe(2);
  });

  it("is refused for a credential that says it is a hospital", async () => {
    const phone = await newPhone(world);
    const sub = hospitalSub("test-hospital");
    const credential = await createCredential(sub, phone.credential.point, world.crypto);
    const sent = await token();
    expect(await shakeHands(world, { ...phone, credential }, { token: sent })).toEqual(refused);
    expect(await codesOf(sent)).toBe(0);
  });

  it("is refused where the invitation was altered in the database", async () => {
    const sent = await newToken(world, await newPatient(world), -1);
    await world.tamper("UPDATE invitations SET expires_at = $1 WHERE token_hash = $2", [
      world.clock.now() + 1_000_000,
      Buffer.from(world.keyring.blindIndex("invitation-token", sent)),
    ]);
    expect(await shakeHands(world, await newPhone(world), { token: sent })).toEqual(refused);
  });
});

describe("all refusals of message_3 (SR-33)", () => {
  it("look alike and come at a multiple of 100 ms", async () => {
    const waits: number[] = [];
    const { phone: revoked } = await enrolActive(world);
    await setState(revoked, "revoked");
    const { phone: bound } = await enrolActive(world);
    const unknown = await newPhone(world);
    const nonce = await commitment(new Uint8Array(32), world.crypto);
    const attempts: [Phone, HandshakeChanges][] = [
      [revoked, {}],
      [unknown, {}],
      [bound, { signWith: unknown.key }],
      [unknown, { byValue: true, ead3: [enrolmentEad(world.crypto.randomBytes(16), nonce)] }],
    ];
    const slow = world.restart({ pause: (ms) => Promise.resolve(void waits.push(ms)) });
    const replies = [];
    for (const [phone, changes] of attempts) replies.push(await shakeHands(slow, phone, changes));
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(waits).toEqual([100, 100, 100, 100]);
  });
});

describe("all refusals of message_1", () => {
  it("come at a multiple of 100 ms, so that nothing is answered as fast as it can be sent", async () => {
    const waits: number[] = [];
    const slow = world.restart({ pause: (ms) => Promise.resolve(void waits.push(ms)) });
    const { handshakes } = slow.sessions;
    const { phone } = await enrolActive(world);
    const { id, body1 } = await prepareHandshake(slow, phone);
    const known = { id, kid: world.keys.identity.credential.kid, body: body1, gateway: GATEWAY };
    const other = new Uint8Array(16).fill(1);
    const malformed = Uint8Array.of(0xf5, 0xff);
    const outcomes = [];
    for (const changes of [
      {},
      { body: malformed },
      { id: other, body: malformed },
      { id: other, kid: new Uint8Array(8) },
    ]) {
      const { outcome } = await handshakes.begin({ ...known, ...changes });
      outcomes.push([outcome, waits.splice(0)]);
    }
    expect(outcomes).toEqual([
      ["answer", []],
      ["handshake-used", [100]],
      ["edhoc-error", [100]],
      ["hospital-key-unknown", [100]],
    ]);
  });
});
