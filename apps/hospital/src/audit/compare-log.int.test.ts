import { compareByParts, type AuditPart, type AuditPlace } from "@siphms/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../database/index.ts";
import { compareLog } from "../testing/compare-log.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import { createHospitalWorld, log, type HospitalWorld } from "../testing/hospital-world.ts";
import {
  appendAudit,
  compareLogPart,
  compareNewest,
  createSequencer,
  readNewestCheckpoint,
  type Sequencer,
} from "./index.ts";

let world: HospitalWorld;
let sequencer: Sequencer;

beforeAll(async () => {
  world = await createHospitalWorld();
  sequencer = createSequencer({ ...world, log });
});

afterAll(() => world.close());

const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ at: world.clock.now(), event: "invented", actor: "operator" },
  ...{ action: "create", outcome: "done", ...more },
});
const note = (...entries: readonly AuditEntry[]): Promise<void> =>
  world.database.withTransaction((tx) => appendAudit(tx, entries));

describe("comparing rows with their leaves", () => {
  /** Does something to the database, compares, and puts it back. */
  const comparedAfter = async (doing: string, undoing: string) => {
    await sequencer.run();
    await world.tamper(doing);
    try {
      return await compareLog(world);
    } finally {
      await world.tamper(undoing);
    }
  };

  beforeAll(async () => {
    await note(entry({ event: "compared", object: "a", detail: { why: "one" } }));
    await note(entry({ event: "compared", object: "b", detail: { why: "two" } }));
    await note(entry({ event: "compared", object: "c" }));
    await world.tamper("CREATE TABLE spare_events AS SELECT * FROM audit_events");
    await world.tamper("CREATE TABLE spare_details AS SELECT * FROM audit_details");
    await world.tamper("GRANT SELECT ON spare_events TO PUBLIC");
  });

  const of = (object: string) =>
    `(SELECT id FROM spare_events WHERE event = 'compared' AND object = '${object}')`;
  const restore = (columns: string) =>
    `UPDATE audit_events e SET (${columns}) = (SELECT ${columns} FROM spare_events s WHERE s.id = e.id)
     WHERE e.event LIKE 'compare%' OR e.id IN (SELECT id FROM spare_events WHERE event = 'compared')`;

  it("finds nothing where nobody was at them", async () => {
    await sequencer.run();
    const size = (await readNewestCheckpoint(world.database))?.size;
    expect(await compareLog(world)).toMatchObject({
      ...{ ok: true, size, waiting: 0, earlier: 0, findings: [], hasMore: false },
    });
  });

  it.each([
    ["who it was", "actor", "'staff:1'"],
    ["when it was", "at", "at + 1"],
    ["what it was", "event", "'compare'"],
    ["whom it was about", "subject", "gen_random_uuid()"],
    ["how it ended", "outcome", "'refused'"],
    ["why it was", "purpose", "'treatment'"],
    ["the role", "role", "'nurse'"],
    ["the version", "version", "7"],
    ["the program", "instance", "decode('0011223344556677', 'hex')"],
  ])(
    "finds the row of which somebody changed %s [HS-312b, HS-312c1]",
    async (_what, column, value) => {
      const { findings } = await comparedAfter(
        `UPDATE audit_events SET ${column} = ${value} WHERE id = ${of("c")}`,
        restore(column),
      );
      const { rows } = await world.database.query(
        `SELECT idx FROM audit_leaves WHERE event_id = ${of("c")}`,
      );
      expect(findings).toMatchObject([{ what: "row-altered", index: rows[0]?.number("idx") }]);
    },
  );

  it.each([
    [
      "row-missing",
      `DELETE FROM audit_events WHERE id = ${of("c")}`,
      `INSERT INTO audit_events SELECT * FROM spare_events WHERE id = ${of("c")}`,
    ],
    [
      "entry-unreadable",
      `UPDATE audit_events SET entry = '\\x00' WHERE id = ${of("c")}`,
      restore("entry"),
    ],
    [
      "details-altered",
      `UPDATE audit_details SET sealed = (SELECT sealed FROM spare_details WHERE event_id = ${of("b")}) WHERE event_id = ${of("a")}`,
      `UPDATE audit_details d SET sealed = s.sealed FROM spare_details s WHERE s.event_id = d.event_id`,
    ],
    [
      "details-altered",
      `INSERT INTO audit_details SELECT ${of("c")}, of_patient, sealed FROM spare_details WHERE event_id = ${of("a")}`,
      `DELETE FROM audit_details WHERE event_id = ${of("c")}`,
    ],
    [
      "details-missing",
      `DELETE FROM audit_details WHERE event_id = ${of("a")}`,
      `INSERT INTO audit_details SELECT * FROM spare_details WHERE event_id = ${of("a")}`,
    ],
    [
      "details-stray",
      `INSERT INTO audit_details SELECT 999999999, of_patient, sealed FROM spare_details WHERE event_id = ${of("a")}`,
      `DELETE FROM audit_details WHERE event_id = 999999999`,
    ],
    [
      "earlier-altered",
      `INSERT INTO audit_events (id, at, event, actor, action, outcome, detail, entry) VALUES (-1, 1, 'forged', 'x', 'read', 'done', '{}', '')`,
      `DELETE FROM audit_events WHERE id = -1`,
    ],
  ])("calls %s what was done so [HS-312b, HS-312c1]", async (what, doing, undoing) => {
    const { ok, findings } = await comparedAfter(doing, undoing);
    expect(ok).toBe(false);
    expect(findings).toMatchObject([{ what }]);
  });

  it("takes no row that says that it was a patient's for erased, where the entry is about none [HS-312b, HS-312c1]", async () => {
    const { findings, erased } = await comparedAfter(
      `UPDATE audit_details SET of_patient = true WHERE event_id = ${of("a")}`,
      `UPDATE audit_details SET of_patient = false WHERE event_id = ${of("a")}`,
    );
    expect([findings, erased]).toMatchObject([[{ what: "details-altered" }], 0]);
  });

  it("gives the same in parts of any length, and none is longer than it may be", async () => {
    await sequencer.run();
    await note(...Array.from({ length: 600 }, () => entry({ detail: { why: "many" } })));
    await sequencer.run();
    const whole = await compareLog(world);
    expect(whole).toMatchObject({ ok: true, waiting: 0, findings: [] });
    const places: AuditPlace[] = [];
    const parts: AuditPart[] = [];
    const ask = async (place: AuditPlace | undefined) => {
      const part = await compareLogPart(world, place, { pages: 1 });
      parts.push(part);
      return part;
    };
    expect(await compareByParts(ask, (place) => places.push(place))).toEqual(whole);
    expect(parts.every(({ compared }) => compared <= 500)).toBe(true);
    expect(places.map(({ part }) => part)).toEqual(["leaves", "rows", "details", "earlier"]);
  });

  it("of the newest ones alone asks nothing of the rest, and finds what is among them", async () => {
    await sequencer.run();
    const asked: string[] = [];
    const database = {
      ...world.database,
      query: (...[text, values]: Parameters<typeof world.database.query>) => {
        asked.push(text);
        return world.database.query(text, values);
      },
    };
    const newest = () => compareNewest({ ...world, database }, 50);
    expect(await newest()).toMatchObject({ compared: 100, findings: [], hasMore: false });
    // Each statement that could read many rows says how many at most.
    expect(asked.filter((text) => !/LIMIT|generate_series/.test(text))).toEqual([]);
    const last = "(SELECT max(event_id) FROM audit_leaves)";
    await world.tamper(`UPDATE audit_events SET role = 'nurse' WHERE id = ${last}`);
    try {
      expect((await newest()).findings).toMatchObject([{ what: "row-altered" }]);
    } finally {
      await world.tamper(`UPDATE audit_events SET role = NULL WHERE id = ${last}`);
    }
  });

  it("tells of an entry that the log has passed by, and not of one that is only waiting", async () => {
    const waiting = await entriesOf(world, () => note(entry()));
    expect(await compareLog(world)).toMatchObject({ ok: true, waiting: waiting.length });
    await sequencer.run();
    await note(entry());
    await sequencer.run();
    await sequencer.run();
    const { rows } = await world.database.query(
      "SELECT done_id FROM audit_checkpoints ORDER BY id DESC LIMIT 1",
    );
    const passed = rows[0]?.number("done_id") ?? 0;
    await world.tamper(
      `INSERT INTO audit_events (id, at, event, actor, action, outcome, instance, sequence, entry)
       VALUES (0, 1, 'forged', 'x', 'read', 'done', '\\x0011223344556677', 0, '\\x01')`,
    );
    try {
      expect(passed).toBeGreaterThan(0);
      expect((await compareLog(world)).findings).toMatchObject([
        { what: "leaf-missing", event: 0 },
      ]);
    } finally {
      await world.tamper("DELETE FROM audit_events WHERE id = 0");
    }
  });
});
