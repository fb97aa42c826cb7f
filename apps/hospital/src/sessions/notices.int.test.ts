import { METHODS, NOTICES, parseNotice, TYP } from "@siphms/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findDeviceByKid } from "../enrolment/index.ts";
import {
  heartRates,
  openAnswer,
  responseOf,
  sealReadings,
  sealRequest,
} from "../testing/phone-messages.ts";
import { enrolActive, openSession, type PhoneSession } from "../testing/phone.ts";
import { createProtocolWorld, GATEWAY, type ProtocolWorld } from "../testing/protocol-world.ts";

let world: ProtocolWorld;
let session: PhoneSession;
beforeAll(async () => {
  world = await createProtocolWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  session = await enrolActive(world);
  world.link.isUp = true;
  world.delivered.length = 0;
  world.closed.length = 0;
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function deviceId(): Promise<number> {
  const { kid } = session.phone.credential;
  return (await findDeviceByKid(world.database, world.keyring, kid))?.id ?? 0;
}

async function queue(): Promise<void> {
  const id = await deviceId();
  const body = NOTICES["binding-active"].encode({});
  await world.database.withTransaction((tx) =>
    world.sessions.queueNotice(tx, { deviceId: id, kind: "binding-active", body }),
  );
  await turn();
}

async function read(of: PhoneSession, envelope: Uint8Array) {
  const opened = await openAnswer(of, new Uint8Array(envelope));
  expect(opened.typ).toBe(TYP.notice);
  return { ...opened, notice: parseNotice(opened.payload) };
}

describe("a notice", () => {
  it("reaches the open session as an envelope under the hospital's next seq", async () => {
    await queue();
    expect(world.delivered).toMatchObject([{ gateway: GATEWAY, sid: session.keys.sid }]);
    const { seq, notice } = await read(session, world.delivered[0]!.envelope);
    expect(seq).toBe(0);
    expect(notice.kind).toBe("binding-active");
    const next = await world.submit(
      await sealReadings(session, [heartRates(world.clock.now(), 72)]),
    );
    if (next.kind !== "answer") throw new Error("no answer");
    expect((await openAnswer(session, next.envelope)).seq).toBe(1);
  });

  it("is sealed again in a later session, with the same signed bytes, after message_4", async () => {
    await queue();
    const first = await read(session, world.delivered[0]!.envelope);
    world.delivered.length = 0;
    const later = await openSession(world, session.phone);
    await turn();
    expect(world.delivered).toHaveLength(1);
    const again = await read(later, world.delivered[0]!.envelope);
    expect(again.signed).toEqual(first.signed);
  });

  it("is not sealed again once its own device has said that it has seen it", async () => {
    const other = await enrolActive(world);
    await queue();
    const { messageId } = (await read(session, world.delivered[0]!.envelope)).notice;
    const say = async (who: PhoneSession): Promise<number> => {
      const parameters = METHODS.seen.parameters.encode({ messageIds: [messageId] });
      const item = await sealRequest(who, { method: "seen", parameters });
      expect(await responseOf(who, await world.submit(item))).toMatchObject({ error: 0 });
      world.delivered.length = 0;
      await openSession(world, session.phone);
      await turn();
      return world.delivered.length;
    };
    expect(await say(other), "another device's word").toBe(1);
    expect(await say(session)).toBe(0);
  });

  it("is not lost when there is no connection: it leaves with the same bytes when there is one", async () => {
    world.link.isUp = false;
    await queue();
    expect(world.delivered).toHaveLength(0);
    world.link.isUp = true;
    await world.sessions.onConnected(GATEWAY);
    const mine = world.delivered.filter(({ sid }) => sid.join() === session.keys.sid.join());
    expect(mine).toHaveLength(1);
    expect((await read(session, mine[0]!.envelope)).seq).toBe(0);
  });

  it("does not leave for another gateway's connection", async () => {
    world.link.isUp = false;
    await queue();
    world.link.isUp = true;
    await world.sessions.onConnected("https://other.example");
    expect(world.delivered).toHaveLength(0);
  });

  it("does not leave when its transaction is rolled back", async () => {
    const id = await deviceId();
    const body = NOTICES["binding-active"].encode({});
    await expect(
      world.database.withTransaction(async (tx) => {
        await world.sessions.queueNotice(tx, { deviceId: id, kind: "binding-active", body });
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    await turn();
    expect(world.delivered).toHaveLength(0);
  });

  it("is not sealed for a closed session", async () => {
    const id = await deviceId();
    await world.database.withTransaction((tx) => world.sessions.closeSessionsOfDevice(tx, id));
    await queue();
    expect(world.delivered).toHaveLength(0);
  });

  it("is refused for a device that there is not", async () => {
    const body = NOTICES["binding-active"].encode({});
    await expect(
      world.database.withTransaction((tx) =>
        world.sessions.queueNotice(tx, { deviceId: 1_000_000, kind: "binding-active", body }),
      ),
    ).rejects.toThrow(RangeError);
  });
});

describe("closing the sessions of a device", () => {
  it("erases their keys, forgets their answers and tells the gateway after the commit", async () => {
    const item = await sealReadings(session, [heartRates(world.clock.now(), 72)]);
    await world.submit(item);
    const id = await deviceId();
    await world.database.withTransaction(async (tx) => {
      await world.sessions.closeSessionsOfDevice(tx, id);
      expect(world.closed).toHaveLength(0);
    });
    await turn();
    expect(world.closed).toEqual([session.keys.sid]);
    const of = [session.keys.sid];
    const keys = "SELECT count(*) AS count FROM sessions WHERE sid = $1 AND sealed IS NOT NULL";
    expect(await world.count(keys, of)).toBe(0);
    expect(await world.count("SELECT count(*) AS count FROM session_seqs WHERE sid = $1", of)).toBe(
      0,
    );
    expect(await world.submit(item)).toEqual({ kind: "no-answer" });
  });

  it("does nothing when its transaction is rolled back", async () => {
    const id = await deviceId();
    await expect(
      world.database.withTransaction(async (tx) => {
        await world.sessions.closeSessionsOfDevice(tx, id);
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    await turn();
    expect(world.closed).toHaveLength(0);
    const outcome = await world.submit(
      await sealReadings(session, [heartRates(world.clock.now(), 72)]),
    );
    expect(outcome.kind).toBe("answer");
  });

  it("is told to a gateway that was not connected then", async () => {
    const id = await deviceId();
    await world.database.withTransaction((tx) => world.sessions.closeSessionsOfDevice(tx, id));
    await turn();
    world.closed.length = 0;
    await world.sessions.onConnected(GATEWAY);
    expect(world.closed).toContainEqual(session.keys.sid);
  });
});

// Last: time moves on for good.
describe("a session that is long over", () => {
  it("still takes envelopes until 72 hours after its expiry, and is erased then", async () => {
    const item = await sealReadings(session, [heartRates(world.clock.now(), 72)]);
    await world.clock.advance(86_400_000 + 72 * 3_600_000 - 1);
    await world.sessions.eraseEnded();
    expect((await world.submit(item)).kind).toBe("answer");
    await world.clock.advance(1);
    expect(await world.sessions.eraseEnded()).toBeGreaterThan(0);
    const of = [session.keys.sid];
    expect(await world.count("SELECT count(*) AS count FROM sessions WHERE sid = $1", of)).toBe(0);
    expect(await world.count("SELECT count(*) AS count FROM session_seqs WHERE sid = $1", of)).toBe(
      0,
    );
    expect(await world.submit(item)).toEqual({ kind: "no-answer" });
  });
});
