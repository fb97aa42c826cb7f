import { createMessageId } from "@siphms/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  heartRates,
  openAnswer,
  receiptOf,
  reseal,
  sealReadings,
  sealRequest,
  responseOf,
} from "../testing/phone-messages.ts";
import { enrolActive, openSession, type PhoneSession } from "../testing/phone.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";

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

async function alarms(): Promise<number> {
  return world.count(
    "SELECT count(*) AS count FROM audit_events WHERE event = 'message.alarm' AND actor = $1",
    [`device:${Buffer.from(session.phone.credential.kid).toString("hex")}`],
  );
}

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

describe("a message of readings", () => {
  it("is stored and answered with a receipt that names it", async () => {
    const item = await sealReadings(session, [recent(72, 73)]);
    const receipt = await receiptOf(session, await world.submit(item));
    expect(receipt).toMatchObject({ outcome: 0, messageId: item.messageId, name: item.name });
    expect(receipt.quarantined).toBeUndefined();
    expect(world.stored).toMatchObject([{ messageId: item.messageId }]);
    expect(world.stored[0]?.samples()).toMatchObject([
      { kind: 1, value: 72, late: false },
      { value: 73 },
    ]);
  });

  it("keeps the device's signed bytes as they came, readable only with the patient's key [HS-312a2iv, HS-312c2]", async () => {
    const item = await sealReadings(session, [recent(72)]);
    await world.submit(item);
    const { rows } = await world.database.query(
      "SELECT sealed, answer FROM batches WHERE message_id = $1",
      [item.messageId],
    );
    const stored = Buffer.from(rows[0]!.bytes("sealed"));
    expect(stored.includes(Buffer.from(item.signed))).toBe(false);
    expect(stored.length).toBeGreaterThan(item.signed.length);
  });

  it("names the doctor in whose care the patient is", async () => {
    const patientId = await newPatient(world, { doctor: "Dr. Invented" });
    const other = await enrolActive(world, patientId);
    const receipt = await receiptOf(other, await submit(other, [recent(72)]));
    expect(receipt.informed).toEqual(["Dr. Invented"]);
  });

  it("names nobody where all of it went into quarantine", async () => {
    const patientId = await newPatient(world, { doctor: "Dr. Idle" });
    const other = await enrolActive(world, patientId);
    const receipt = await receiptOf(other, await submit(other, [recent(0)]));
    expect(receipt.informed).toBeUndefined();
  });

  it("names nobody where nobody has the patient in care", async () => {
    const receipt = await receiptOf(session, await submit(session, [recent(72)]));
    expect(receipt.informed).toBeUndefined();
  });

  it("notes when the device was last heard of", async () => {
    await submit(session, [recent(72)]);
    const seen = await world.count(
      `SELECT last_seen_at AS count FROM device_contacts c JOIN devices d ON d.id = c.device_id
       WHERE d.kid = $1`,
      [session.phone.credential.kid],
    );
    expect(seen).toBe(world.clock.now());
  });

  it("is stored once when its envelope comes again, with the same bytes as the answer [HS-312e2i]", async () => {
    const item = await sealReadings(session, [recent(72)]);
    const first = await world.submit(item);
    expect(await world.submit(item)).toEqual(first);
    expect(await batchesOf()).toBe(1);
    expect(world.stored).toHaveLength(1);
  });

  it("is stored once when it comes twice in one group", async () => {
    const item = await sealReadings(session, [recent(72)]);
    const [first, second] = await world.submitTogether([item, item]);
    expect(first?.kind).toBe("answer");
    expect(second).toEqual(first);
    expect(await batchesOf()).toBe(1);
  });

  it("gets the first answer's content when it comes under another seq", async () => {
    const item = await sealReadings(session, [recent(72)]);
    const first = await world.submit(item);
    const again = await world.submit(await reseal(session, item.signed));
    if (first.kind !== "answer" || again.kind !== "answer") throw new Error("no answer");
    const [a, b] = await Promise.all(
      [first, again].map(({ envelope }) => openAnswer(session, envelope)),
    );
    expect(b!.signed).toEqual(a!.signed);
    expect(b!.seq).not.toBe(a!.seq);
    expect(await batchesOf()).toBe(1);
  });

  it("gets the first answer's content under another seq of the same group", async () => {
    const item = await sealReadings(session, [recent(72)]);
    const outcomes = await world.submitTogether([item, await reseal(session, item.signed)]);
    const [a, b] = await Promise.all(
      outcomes.map(async (outcome) => {
        if (outcome.kind !== "answer") throw new Error("no answer");
        return openAnswer(session, outcome.envelope);
      }),
    );
    expect(b!.signed).toEqual(a!.signed);
    expect([a!.seq, b!.seq]).toEqual([0, 1]);
    expect(await batchesOf()).toBe(1);
  });

  it("is stored once when it comes again in a later session", async () => {
    const item = await sealReadings(session, [recent(72)]);
    await world.submit(item);
    const later = await openSession(world, session.phone);
    const receipt = await receiptOf(later, await world.submit(await reseal(later, item.signed)));
    expect(receipt).toMatchObject({ outcome: 0, name: item.name });
    expect(await batchesOf()).toBe(1);
  });

  it("is answered by another process on the same database with the same bytes", async () => {
    const item = await sealReadings(session, [recent(72)]);
    const first = await world.submit(item);
    const restarted = world.restart();
    expect(await restarted.submit(item)).toEqual(first);
    const next = await restarted.submit(await sealReadings(session, [recent(74)]));
    if (next.kind !== "answer") throw new Error("no answer");
    // No seq is used twice over the restart.
    expect((await openAnswer(session, next.envelope)).seq).toBe(1);
  });
});

describe("a reused seq or message-id [HS-312e2i]", () => {
  it("gets no answer and an alarm for the same seq with other bytes", async () => {
    await submit(session, [recent(72)], { seq: 7 });
    expect(await submit(session, [recent(73)], { seq: 7 })).toEqual({ kind: "no-answer" });
    expect(await refused("seq-reused")).toBe(1);
    expect(await alarms()).toBe(1);
    expect(await batchesOf()).toBe(1);
  });

  it("gets no answer for the same seq with other bytes in one group", async () => {
    const items = [
      await sealReadings(session, [recent(72)], { seq: 9 }),
      await sealReadings(session, [recent(73)], { seq: 9 }),
    ];
    const outcomes = await world.submitTogether(items);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["answer", "no-answer"]);
    expect(await batchesOf()).toBe(1);
  });

  it("is refused with an alarm for another message under the same message-id [HS-312c1]", async () => {
    const { messageId } = await sealReadings(session, [recent(72)]);
    await submit(session, [recent(72)], { messageId });
    const other = await sealReadings(session, [recent(99)], { messageId });
    const receipt = await receiptOf(session, await world.submit(other));
    expect(receipt).toMatchObject({ outcome: 3, reason: "message-id-reused", name: other.name });
    expect(await alarms()).toBe(1);
    expect(await batchesOf()).toBe(1);
  });

  it("is refused within one group as well", async () => {
    const messageId = createMessageId(world.clock.now(), world.crypto);
    const outcomes = await world.submitTogether([
      await sealReadings(session, [recent(72)], { messageId }),
      await sealReadings(session, [recent(99)], { messageId }),
    ]);
    const receipts = await Promise.all(outcomes.map((one) => receiptOf(session, one)));
    expect(receipts.map(({ outcome }) => outcome)).toEqual([0, 3]);
  });

  it("counts for what was refused too: a corrected item needs a new id", async () => {
    const messageId = createMessageId(world.clock.now(), world.crypto);
    const first = await receiptOf(
      session,
      await submit(session, [recent(72)], {
        messageId,
        typ: "application/siphms-readings-2",
      }),
    );
    expect(first).toMatchObject({ outcome: 3, reason: "typ" });
    const corrected = await receiptOf(session, await submit(session, [recent(72)], { messageId }));
    expect(corrected).toMatchObject({ outcome: 3, reason: "message-id-reused" });
  });

  it("is refused between readings and requests of one device", async () => {
    const messageId = createMessageId(world.clock.now(), world.crypto);
    await submit(session, [recent(72)], { messageId });
    const request = await sealRequest(session, { method: "profile" }, { messageId });
    const response = await responseOf(session, await world.submit(request));
    expect(response.error).toBe("refused");
  });

  it("does not touch another device that happens to use the same id", async () => {
    const messageId = createMessageId(world.clock.now(), world.crypto);
    await submit(session, [recent(72)], { messageId });
    const other = await enrolActive(world);
    const receipt = await receiptOf(other, await submit(other, [recent(72)], { messageId }));
    expect(receipt.outcome).toBe(0);
  });
});

describe("a group", () => {
  it("is not spoilt by one envelope that cannot be stored", async () => {
    const other = await enrolActive(world);
    const poisoned = world.restart({
      answerRequest: () => {
        throw new TypeError("does not work");
      },
    });
    const outcomes = await poisoned.submitTogether([
      await sealReadings(session, [recent(72)]),
      await sealRequest(other, { method: "profile" }),
      await sealReadings(other, [recent(73)]),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["answer", "no-answer", "answer"]);
    expect(
      await world.count(
        "SELECT count(*) AS count FROM refused WHERE sid = $1 AND reason = 'internal'",
        [other.keys.sid],
      ),
    ).toBe(1);
    expect(poisoned.stored).toHaveLength(2);
  });

  it("of many sessions is answered in full, each with its own receipt", async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, () => enrolActive(world)));
    const items = await Promise.all(
      sessions.flatMap((one) =>
        [70, 71, 72, 73].map(async (rate) => ({
          one,
          item: await sealReadings(one, [recent(rate)]),
        })),
      ),
    );
    const outcomes = await world.submitTogether(items.map(({ item }) => item));
    for (const [index, outcome] of outcomes.entries()) {
      const { one, item } = items[index]!;
      const receipt = await receiptOf(one, outcome);
      expect(receipt).toMatchObject({ outcome: 0, name: item.name });
    }
  });

  it("is stored when its transaction failed at first", async () => {
    const item = await sealReadings(session, [recent(72)]);
    const { database } = world;
    let failures = 2;
    const flaky = world.restart({
      database: {
        ...database,
        withTransaction: (work) => {
          if (failures-- > 0) return Promise.reject(new Error("deadlock detected"));
          return database.withTransaction(work);
        },
      },
    });
    expect((await flaky.submit(item)).kind).toBe("answer");
    expect(await batchesOf()).toBe(1);
  });

  it("waits for a database that is away, and blames no envelope for it", async () => {
    const item = await sealReadings(session, [recent(72)]);
    const { database } = world;
    let isAway = true;
    let pauses = 0;
    const gone = () => Promise.reject(new Error("connection terminated"));
    const restarted = world.restart({
      database: {
        ...database,
        query: (...input) => (isAway ? gone() : database.query(...input)),
        withTransaction: (work) => (isAway ? gone() : database.withTransaction(work)),
      },
      pause: () => {
        pauses += 1;
        if (pauses === 20) isAway = false;
        return Promise.resolve();
      },
    });
    expect((await restarted.submit(item)).kind).toBe("answer");
    expect(await refused("internal")).toBe(0);
  });

  it("waits for a disk that is full, though the database answers, and blames no envelope for it", async () => {
    const items = [
      await sealReadings(session, [recent(72)]),
      await sealReadings(session, [recent(73)]),
    ];
    const { database } = world;
    let pauses = 0;
    const restarted = world.restart({
      database: {
        ...database,
        withTransaction: (work) =>
          database.withTransaction(async (tx) => {
            const outcome = await work(tx);
            if (pauses < 20) {
              // The one error that a test can make the server itself raise, whatever the disk.
              await tx.query("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$");
            }
            return outcome;
          }),
      },
      pause: () => {
        pauses += 1;
        return Promise.resolve();
      },
    });
    const outcomes = await Promise.all(items.map((item) => restarted.submit(item)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["answer", "answer"]);
    expect(pauses).toBe(20);
    expect(await batchesOf()).toBe(2);
    expect(await refused("internal")).toBe(0);
  });

  it("rolls back what it had written when something after it fails (SR-52)", async () => {
    const item = await sealReadings(session, [recent(72)]);
    const { database } = world;
    let failures = 1;
    const flaky = world.restart({
      database: {
        ...database,
        withTransaction: (work) =>
          database.withTransaction(async (tx) => {
            const outcome = await work(tx);
            if (failures-- > 0) throw new Error("commit failed");
            return outcome;
          }),
      },
    });
    const outcome = await flaky.submit(item);
    if (outcome.kind !== "answer") throw new Error("no answer");
    // The seq of the failed transaction was not used up.
    expect((await openAnswer(session, outcome.envelope)).seq).toBe(0);
    expect(await batchesOf()).toBe(1);
    expect(flaky.stored).toHaveLength(1);
  });

  it("says nothing to a gateway once it was told to stop", async () => {
    const restarted = world.restart();
    await restarted.ingest.stop();
    let answers = 0;
    const { sid, body } = await sealReadings(session, [recent(72)]);
    restarted.ingest.submit({ sid, body, receivedAt: world.clock.now() }, () => (answers += 1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(answers).toBe(0);
    expect(await batchesOf()).toBe(0);
  });

  it("goes on when a listener fails", async () => {
    const stop = world.ingest.onStored(() => {
      throw new Error("screen is gone");
    });
    expect((await submit(session, [recent(72)])).kind).toBe("answer");
    stop();
  });

  it("writes one audit entry for each message [HS-312b]", async () => {
    const item = await sealReadings(session, [recent(72)]);
    await world.submitTogether([item, item]);
    const entries = await world.count(
      "SELECT count(*) AS count FROM audit_events WHERE event = 'readings.stored' AND object = $1",
      [Buffer.from(item.messageId).toString("hex")],
    );
    expect(entries).toBe(1);
  });
});
