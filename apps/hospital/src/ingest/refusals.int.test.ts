import { encodeCbor } from "@siphms/cose";
import { TYP } from "@siphms/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { heartRates, receiptOf, sealItem, sealReadings } from "../testing/phone-messages.ts";
import { enrolActive, enrolPending, newPhone, type PhoneSession } from "../testing/phone.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";
import { countIngest } from "./counters.ts";

const MINUTE = 60_000;
let world: ProtocolWorld;
let session: PhoneSession;

beforeAll(async () => {
  world = await createProtocolWorld();
});
afterAll(async () => {
  await world.close();
});
beforeEach(async () => {
  session = await enrolActive(world);
  world.stored.length = 0;
});

const recent = (...values: readonly number[]) => heartRates(world.clock.now() - 5000, ...values);
const submit = async (...input: Parameters<typeof sealReadings>) =>
  world.submit(await sealReadings(...input));

async function refused(reason: string): Promise<number> {
  return world.count(
    "SELECT coalesce(sum(count), 0)::bigint AS count FROM refused WHERE sid = $1 AND reason = $2",
    [session.keys.sid, reason],
  );
}

async function batchesOf(sid = session): Promise<number> {
  return world.count(
    "SELECT count(*) AS count FROM batches b JOIN devices d ON d.id = b.device_id WHERE d.kid = $1",
    [sid.phone.credential.kid],
  );
}

describe("quarantine", () => {
  it("takes single implausible samples, with their place and reason", async () => {
    const receipt = await receiptOf(session, await submit(session, [recent(72, 0, 400)]));
    expect(receipt).toMatchObject({
      outcome: 1,
      quarantined: [
        [0, 1, "no-signal"],
        [0, 2, "out-of-range"],
      ],
    });
  });

  it("is outcome 2 when every sample is implausible", async () => {
    const receipt = await receiptOf(session, await submit(session, [recent(0)]));
    expect(receipt).toMatchObject({ outcome: 2, quarantined: [[0, 0, "no-signal"]] });
    expect(receipt.reason).toBeUndefined();
  });

  it("takes a sample that is later than its message by more than a minute", async () => {
    const now = world.clock.now();
    const series = [heartRates(now + 60_000, 72), heartRates(now + 60_001, 73)];
    const receipt = await receiptOf(session, await submit(session, series));
    expect(receipt).toMatchObject({ outcome: 1, quarantined: [[1, 0, "clock"]] });
  });

  it.each([
    ["more than 5 minutes ahead", 5 * MINUTE + 1],
    ["more than 5 minutes before the enrolment", -5 * MINUTE - 1],
  ])("takes all of a message created %s", async (_title, offset) => {
    const created = world.clock.now() + offset;
    const receipt = await receiptOf(
      session,
      await submit(session, [heartRates(created, 72)], { created }),
    );
    expect(receipt).toMatchObject({ outcome: 2, reason: "clock" });
    expect(receipt.quarantined).toBeUndefined();
    expect(world.stored[0]?.samples()).toMatchObject([{ quarantined: "clock" }]);
  });

  it.each([5 * MINUTE, -5 * MINUTE])(
    "lets a message pass at the limit of %d ms",
    async (offset) => {
      const created = world.clock.now() + offset;
      const receipt = await receiptOf(
        session,
        await submit(session, [heartRates(created, 72)], { created }),
      );
      expect(receipt.outcome).toBe(0);
    },
  );

  it("takes all of a message while the binding is pending, and tells nothing else", async () => {
    const pending = await enrolPending(world);
    const receipt = await receiptOf(pending, await submit(pending, [recent(72, 0)]));
    expect(receipt).toMatchObject({ outcome: 2, reason: "binding-pending" });
    expect(receipt.quarantined).toBeUndefined();
    expect(receipt.informed).toBeUndefined();
    expect(receipt.audit).toBeUndefined();
  });

  it("is counted by reason", async () => {
    const before = await countIngest(world.database);
    await submit(session, [recent(72, 0, 400)]);
    const after = await countIngest(world.database);
    expect(after.stored - before.stored).toBe(3);
    expect(after.quarantined - before.quarantined).toBe(2);
    expect(after.batches - before.batches).toBe(1);
  });
});

describe("lateness", () => {
  it("marks a sample older than 15 minutes and still stores it", async () => {
    const now = world.clock.now();
    const series = [heartRates(now - 15 * MINUTE - 1, 72), heartRates(now - 15 * MINUTE, 73)];
    const receipt = await receiptOf(session, await submit(session, series));
    expect(receipt.outcome).toBe(0);
    expect(world.stored[0]?.samples().map(({ late }) => late)).toEqual([true, false]);
  });

  it("is told by the replay's clock for a demo patient", async () => {
    const now = world.clock.now();
    const anchor = now - 3_600_000;
    const demo = { anchor, start: now, speed: 10 };
    const other = await enrolActive(world, await newPatient(world, { demo }));
    await submit(other, [heartRates(anchor - 15 * MINUTE - 1, 72), heartRates(anchor, 73)]);
    expect(world.stored[0]?.samples().map(({ late }) => late)).toEqual([true, false]);
  });

  it("has no age limit", async () => {
    const receipt = await receiptOf(session, await submit(session, [heartRates(1, 72)]));
    expect(receipt.outcome).toBe(0);
  });
});

describe("what gets no answer", () => {
  it("is an envelope of a session that is not there", async () => {
    const { body } = await sealReadings(session, [recent(72)]);
    const sid = world.crypto.randomBytes(16);
    expect(await world.submit({ sid, body })).toEqual({ kind: "no-answer" });
    expect(
      await world.count("SELECT count(*) AS count FROM refused WHERE reason = 'session-unknown'"),
    ).toBeGreaterThan(0);
  });

  it("is an envelope of a session that was closed meanwhile", async () => {
    await submit(session, [recent(72)]);
    const late = await sealReadings(session, [recent(73)]);
    await world.database.withTransaction((tx) =>
      world.sessions.closeSession(tx, session.keys.sid, "device-revoked"),
    );
    expect(await world.submit(late)).toEqual({ kind: "no-answer" });
    expect(world.closed).toContainEqual(session.keys.sid);
    expect(await refused("session-closed")).toBe(1);
  });

  it("is an envelope of a session that another process closed", async () => {
    await submit(session, [recent(72)]);
    const late = await sealReadings(session, [recent(73)]);
    await world.database.withTransaction((tx) =>
      world.restart().sessions.closeSession(tx, session.keys.sid, "device-revoked"),
    );
    expect(await world.submit(late)).toEqual({ kind: "no-answer" });
    expect(await batchesOf()).toBe(1);
  });

  it("is an envelope of a device whose row was altered to active", async () => {
    const pending = await enrolPending(world);
    await world.tamper("UPDATE devices SET state = 'active' WHERE kid = $1", [
      Buffer.from(pending.phone.credential.kid),
    ]);
    expect(await submit(pending, [recent(72)])).toEqual({ kind: "no-answer" });
  });

  it("is an envelope of a session that was moved to another device in the database", async () => {
    const other = await enrolActive(world);
    await world.tamper(
      "UPDATE sessions SET device_id = (SELECT id FROM devices WHERE kid = $1) WHERE sid = $2",
      [Buffer.from(other.phone.credential.kid), Buffer.from(session.keys.sid)],
    );
    const restarted = world.restart();
    expect(await restarted.submit(await sealReadings(session, [recent(72)]))).toEqual({
      kind: "no-answer",
    });
    expect(await world.submit(await sealReadings(session, [recent(72)]))).toEqual({
      kind: "no-answer",
    });
  });

  it("is a message that another device signed", async () => {
    const other = await newPhone(world);
    const item = await sealReadings(session, [recent(72)], { signWith: other.key });
    expect(await world.submit(item)).toEqual({ kind: "no-answer" });
    expect(await refused("signed-unauthentic")).toBe(1);
  });

  it("is a message that was signed for another hospital", async () => {
    const recipient = world.crypto.randomBytes(32);
    expect(await submit(session, [recent(72)], { recipient })).toEqual({
      kind: "no-answer",
    });
  });

  it("is a message without a message-id, and its seq is not used up", async () => {
    const payload = encodeCbor(new Map([[2, 1]]));
    const messageId = world.crypto.randomBytes(16);
    const broken = await sealItem(session, {
      typ: TYP.readings,
      messageId,
      payload,
      seq: 5,
    });
    expect(await world.submit(broken)).toEqual({ kind: "no-answer" });
    expect(await refused("no-message-id")).toBe(1);
    const good = await submit(session, [recent(72)], { seq: 5 });
    expect(good.kind).toBe("answer");
  });

  it("is one for which the session has no seq left, and the session ends", async () => {
    await world.tamper("UPDATE sessions SET down_seq = 16777215 WHERE sid = $1", [
      Buffer.from(session.keys.sid),
    ]);
    expect((await submit(session, [recent(72)])).kind).toBe("answer");
    expect(await submit(session, [recent(73)])).toEqual({ kind: "no-answer" });
    expect(await refused("seq-used-up")).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.closed).toContainEqual(session.keys.sid);
    expect(await batchesOf()).toBe(1);
  });

  it("is kept as it came and counted when it comes again", async () => {
    const body = world.crypto.randomBytes(200);
    const sid = session.keys.sid;
    await world.submit({ sid, body });
    await world.submitTogether([
      { sid, body },
      { sid, body },
    ]);
    const { rows } = await world.database.query(
      "SELECT count, sealed FROM refused WHERE sid = $1",
      [sid],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.number("count")).toBe(3);
    expect(rows[0]!.bytesOrNull("sealed")).not.toBeNull();
  });

  it("is only counted beyond a hundred envelopes of a session", async () => {
    const sid = session.keys.sid;
    const flood = Array.from({ length: 130 }, () => ({ sid, body: world.crypto.randomBytes(40) }));
    await world.submitTogether(flood);
    const kept = await world.count(
      "SELECT count(*) AS count FROM refused WHERE sid = $1 AND sealed IS NOT NULL",
      [sid],
    );
    expect(kept).toBe(100);
    expect(await refused("envelope-malformed")).toBe(130);
  });
});
