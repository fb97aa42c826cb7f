import { createMessageId } from "@siphms/messages";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { log } from "../testing/hospital-world.ts";
import {
  heartRates,
  receiptOf,
  reseal,
  sealReadings,
  sealRequest,
} from "../testing/phone-messages.ts";
import { enrolActive } from "../testing/phone.ts";
import { createProtocolWorld, type ProtocolWorld } from "../testing/protocol-world.ts";
import { runUpkeep } from "./upkeep.ts";

let world: ProtocolWorld;
beforeAll(async () => {
  world = await createProtocolWorld();
});
afterAll(() => world.close());

const upkeep = () => runUpkeep({ ...world, log, eraseSessions: () => world.sessions.eraseEnded() });

async function partitions(): Promise<readonly string[]> {
  const { rows } = await world.database.query(
    `SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'batches'::regclass ORDER BY 1`,
  );
  return rows.map((row) => row.text("name"));
}

async function partitionOf(messageId: Uint8Array): Promise<string | undefined> {
  const { rows } = await world.database.query(
    "SELECT tableoid::regclass::text AS name FROM batches WHERE message_id = $1",
    [messageId],
  );
  return rows[0]?.text("name");
}

describe("upkeep", () => {
  it("makes the partitions of the months around now, and none twice", async () => {
    const expected = ["2025_12", "2026_01", "2026_02", "2026_03", "2026_04"];
    expect(await partitions()).toEqual([
      ...expected.map((month) => `batches_${month}`),
      "batches_default",
    ]);
    await upkeep();
    expect(await partitions()).toHaveLength(6);
  });

  it("puts a message into the month in which it was signed", async () => {
    const session = await enrolActive(world);
    const item = await sealReadings(session, [heartRates(world.clock.now(), 72)]);
    await world.submit(item);
    expect(await partitionOf(item.messageId)).toBe("batches_2026_01");
  });

  it("puts the first and the last instant of a month into that month", async () => {
    for (const [at, name] of [
      [Date.UTC(2026, 1, 1), "batches_2026_02"],
      [Date.UTC(2026, 1, 1) - 1, "batches_2026_01"],
    ] as const) {
      const messageId = createMessageId(at, world.crypto);
      await world.tamper(
        `INSERT INTO batches VALUES (1, $1, '00000000-0000-4000-8000-000000000000', NULL, NULL, 0, 0, 0, false, 3, NULL, 0, '', '', '', 1)`,
        [Buffer.from(messageId)],
      );
      expect(await partitionOf(messageId)).toBe(name);
    }
  });

  it("moves what the default has taken when its month is made, and still knows it", async () => {
    const session = await enrolActive(world);
    const created = Date.UTC(2026, 5, 15);
    const item = await sealReadings(session, [heartRates(created, 72)], { created });
    const first = await receiptOf(session, await world.submit(item));
    expect(first).toMatchObject({ outcome: 2, reason: "clock" });
    expect(await partitionOf(item.messageId)).toBe("batches_default");
    await world.database.query("SELECT make_batches_month('2026-06-01') AS made");
    expect(await partitionOf(item.messageId)).toBe("batches_2026_06");
    const again = await world.submit(await reseal(session, item.signed));
    expect(await receiptOf(session, again)).toEqual(first);
  });

  it("takes no schema rights from the service's role", async () => {
    await expect(world.database.query("CREATE TABLE mine (a int)")).rejects.toThrow();
    await expect(world.database.query("DROP TABLE batches_default")).rejects.toThrow();
  });

  it("deletes responses after 24 hours, and keeps that there was a request", async () => {
    const session = await enrolActive(world);
    const { messageId } = await sealRequest(session, { method: "profile" });
    await world.submit(await sealRequest(session, { method: "profile" }, { messageId }));
    const kept =
      "SELECT count(*) AS count FROM requests WHERE message_id = $1 AND answer IS NOT NULL";
    await world.clock.advance(86_400_000);
    await upkeep();
    expect(await world.count(kept, [messageId])).toBe(1);
    await world.clock.advance(1);
    await upkeep();
    expect(await world.count(kept, [messageId])).toBe(0);
    expect(
      await world.count("SELECT count(*) AS count FROM requests WHERE message_id = $1", [
        messageId,
      ]),
    ).toBe(1);
  });

  it("deletes refused envelopes after 90 days", async () => {
    await world.submit({ sid: world.crypto.randomBytes(16), body: world.crypto.randomBytes(50) });
    const kept = "SELECT count(*) AS count FROM refused";
    expect(await world.count(kept)).toBe(1);
    await world.clock.advance(90 * 86_400_000 + 1);
    await upkeep();
    expect(await world.count(kept)).toBe(0);
  });
});
