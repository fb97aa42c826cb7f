import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  heartRates,
  openAnswer,
  receiptOf,
  reseal,
  sealReadings,
} from "../testing/phone-messages.ts";
import { enrolActive, openSession, type PhoneSession } from "../testing/phone.ts";
import { createProtocolWorld, type ProtocolWorld } from "../testing/protocol-world.ts";

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
});

const recent = (...values: readonly number[]) => heartRates(world.clock.now() - 5000, ...values);

async function batchesOf(): Promise<number> {
  return world.count(
    "SELECT count(*) AS count FROM batches b JOIN devices d ON d.id = b.device_id WHERE d.kid = $1",
    [session.phone.credential.kid],
  );
}

describe("two processes on one database", () => {
  it("store a message once that both get at the same time, under one and the same answer (SR-52)", async () => {
    const [a, b] = [world.restart(), world.restart()];
    const item = await sealReadings(session, [recent(72)]);
    const [first, second] = await Promise.all([a.submit(item), b.submit(item)]);
    expect(second).toEqual(first);
    expect(await batchesOf()).toBe(1);
    expect(a.stored.length + b.stored.length).toBe(1);
  });

  it("store a message once that they get by two sessions at the same time", async () => {
    const [a, b] = [world.restart(), world.restart()];
    const later = await openSession(world, session.phone);
    const item = await sealReadings(session, [recent(72)]);
    const outcomes = await Promise.all([
      a.submit(item),
      b.submit(await reseal(later, item.signed)),
    ]);
    const receipts = await Promise.all([
      receiptOf(session, outcomes[0]),
      receiptOf(later, outcomes[1]),
    ]);
    expect(receipts[1]).toEqual(receipts[0]);
    expect(await batchesOf()).toBe(1);
  });

  it("never use one seq twice for a session (SR-31)", async () => {
    const [a, b] = [world.restart(), world.restart()];
    const items = await Promise.all(
      Array.from({ length: 12 }, (_, n) => sealReadings(session, [recent(60 + n)])),
    );
    const outcomes = await Promise.all(items.map((item, n) => (n % 2 === 0 ? a : b).submit(item)));
    const seqs = await Promise.all(
      outcomes.map(async (outcome) => {
        if (outcome.kind !== "answer") throw new Error("no answer");
        return (await openAnswer(session, outcome.envelope)).seq;
      }),
    );
    expect([...seqs].sort((x, y) => x - y)).toEqual(items.map((_, n) => n));
  });
});
