import { LOG_EVENTS, NO_ENTRY, parseRecord, type AuditRecord } from "@siphms/audit";
import { toHex } from "@siphms/cose";
import {
  createWebEd25519,
  hashLeaf,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  rootFromTiles,
  verifyConsistency,
  verifyNote,
  type Bytes,
} from "@siphms/tlog";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, withAudit, type AuditEntry, type Transaction } from "../database/index.ts";
import { compareLog } from "../testing/compare-log.ts";
import {
  createHospitalWorld,
  HOSPITAL,
  log,
  type HospitalWorld,
} from "../testing/hospital-world.ts";
import {
  appendAudit,
  beginLog,
  createAuditWriter,
  createLogTiles,
  createLogWatch,
  createSequencer,
  LOG_WAIT_LIMIT_MS,
  openDetails,
  proveLogConsistency,
  readEntryBundle,
  readLogKeys,
  readNewestCheckpoint,
  startAuditLog,
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

/** The leaves of the log in their order. */
const readLeaves = async (): Promise<readonly Bytes[]> => {
  const { rows } = await world.database.query(
    "SELECT e.entry FROM audit_leaves l JOIN audit_events e ON e.id = l.event_id ORDER BY l.idx",
  );
  return rows.map((row) => row.bytes("entry"));
};
const readRecords = async (): Promise<readonly AuditRecord[]> =>
  (await readLeaves()).map(parseRecord);
const newest = async () => {
  const head = await readNewestCheckpoint(world.database);
  if (head === undefined) throw new Error("there is no checkpoint");
  return head;
};
const lastEventId = async (): Promise<number> => {
  const { rows } = await world.database.query("SELECT max(id) AS id FROM audit_events");
  return rows[0]?.number("id") ?? 0;
};

/** Another program on the same database. */
async function openOther() {
  const keyring = world.reopenKeyring();
  const opened = await openDatabase({ url: world.test.url });
  const database = withAudit(opened, createAuditWriter({ keyring, crypto: world.crypto }));
  return { ...world, database, keyring };
}

describe("the log", () => {
  it("begins with what was recorded before it", async () => {
    await sequencer.run();
    const [first, second] = await readRecords();
    expect(first).toMatchObject({ event: LOG_EVENTS.began, sequence: 0, before: NO_ENTRY });
    expect(first?.object).toMatch(/^rows:0\/e3b0c442[0-9a-f]{56}$/);
    expect(second?.event).toBe("hospital.initialised");
    const now = world.clock.now();
    const again = world.database.withTransaction((tx) => beginLog(tx, { ...HOSPITAL, now }, world));
    expect(await again).toBe(false);
  });

  it("has every entry once, under a head that its own key signed [HS-312b, HS-312c2]", async () => {
    const many = Array.from({ length: 700 }, (_, at) => entry({ object: `entry:${String(at)}` }));
    await note(...many);
    await sequencer.run();
    const head = await newest();
    const leaves = await readLeaves();
    expect(head.size).toBe(leaves.length);
    const { rows } = await world.database.query("SELECT count(*) AS count FROM audit_events");
    expect(head.size).toBe(rows[0]?.number("count"));
    const [key] = await readLogKeys(world.database, world.keyring);
    const signed = parseNote(Buffer.from(head.note));
    const verified = await verifyNote(
      signed,
      [parseVerifierKey(key?.vkey ?? "")],
      createWebEd25519(),
    );
    expect(verified).toHaveLength(1);
    expect(parseCheckpoint(signed.text)).toEqual({
      ...{ origin: "siphms/test-hospital/audit/1", size: head.size, root: head.root },
      extensions: [],
    });
    expect(await rootFromTiles(head.size, createLogTiles(world.database))).toEqual(head.root);
    const [, second] = await createLogTiles(world.database).readTiles([
      { level: 0, index: 0, width: 256 },
      { level: 0, index: 1, width: 256 },
    ]);
    expect(
      Buffer.from(second ?? []).equals(Buffer.concat(leaves.slice(256, 512).map(hashLeaf))),
    ).toBe(true);
  });

  it("gives entries in bundles, and an empty one in the place of one that is gone", async () => {
    const leaves = await readLeaves();
    const place = { index: 1, width: 2 };
    const lengths = (bundle: Bytes, at = 0): readonly number[] => {
      const length = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0);
      return at >= bundle.length ? [] : [length, ...lengths(bundle, at + 2 + length)];
    };
    const whole = [leaves[256]?.length, leaves[257]?.length];
    expect(lengths(await readEntryBundle(world.database, place))).toEqual(whole);
    await world.tamper("CREATE TABLE kept AS SELECT * FROM audit_leaves WHERE idx = 256");
    await world.tamper("DELETE FROM audit_leaves WHERE idx = 256");
    try {
      expect(lengths(await readEntryBundle(world.database, place))).toEqual([0, whole[1]]);
    } finally {
      await world.tamper("INSERT INTO audit_leaves SELECT * FROM kept");
      await world.tamper("DROP TABLE kept");
    }
  });

  it("grows only at its end, of which it gives the proof [HS-312c1]", async () => {
    const before = await newest();
    await note(entry(), entry());
    await sequencer.run();
    const after = await newest();
    expect(after.size).toBe(before.size + 2);
    const sizes = { from: before.size, to: after.size };
    const proof = await proveLogConsistency(world.database, sizes);
    verifyConsistency({ older: before, newer: after, proof });
    const altered = { ...before, root: NO_ENTRY };
    expect(() => verifyConsistency({ older: altered, newer: after, proof })).toThrow();
  });

  it("gets no new head where there is nothing new", async () => {
    await sequencer.run();
    const { checkpointId } = await newest();
    await sequencer.run();
    expect((await newest()).checkpointId).toBe(checkpointId);
  });

  it("is one log with two programs at once, and each of them can go on alone", async () => {
    const other = await openOther();
    try {
      const second = createSequencer({ ...other, log });
      for (let round = 0; round < 5; round++) {
        await Promise.all([
          note(entry()),
          other.database.withTransaction((tx) => appendAudit(tx, [entry()])),
          sequencer.run(),
          second.run(),
        ]);
      }
      await second.run();
      await note(entry());
      await sequencer.run();
      await second.run();
      expect(second.newest?.size).toBe(sequencer.newest?.size);
      const leaves = await readLeaves();
      expect(new Set(leaves.map(toHex)).size).toBe(leaves.length);
      const { size, root } = await newest();
      expect(size).toBe(leaves.length);
      expect(await rootFromTiles(size, createLogTiles(other.database))).toEqual(root);
    } finally {
      await other.database.close();
    }
  });

  it("leaves out no entry whose transaction took long", async () => {
    let end = (): void => undefined;
    const isToEnd = new Promise<void>((resolve) => (end = resolve));
    let written: (tx: Transaction) => void = () => undefined;
    const isWritten = new Promise<Transaction>((resolve) => (written = resolve));
    const slow = world.database.withTransaction(async (tx) => {
      await appendAudit(tx, [entry({ event: "slow" })]);
      written(tx);
      await isToEnd;
    });
    await isWritten;
    for (let round = 0; round < 3; round++) {
      await note(entry({ event: "quick" }));
      await sequencer.run();
    }
    expect((await newest()).doneId).toBeLessThan(await lastEventId());
    end();
    await slow;
    await sequencer.run();
    const events = (await readRecords()).map(({ event }) => event);
    expect(events.slice(-4)).toEqual(["quick", "quick", "quick", "slow"]);
  });

  it("is not signed by a program that finds another tree than the one that was signed [HS-312c1]", async () => {
    await note(entry());
    await sequencer.run();
    const { size, checkpointId } = await newest();
    await world.tamper("CREATE TABLE kept_event AS SELECT * FROM audit_leaves WHERE idx = $1", [
      size - 1,
    ]);
    await world.tamper("UPDATE audit_leaves SET event_id = -1 WHERE idx = $1", [size - 1]);
    const other = await openOther();
    try {
      await note(entry());
      await expect(createSequencer({ ...other, log }).run()).rejects.toThrow("siphms audit verify");
      expect((await newest()).checkpointId).toBe(checkpointId);
    } finally {
      await world.tamper(
        "UPDATE audit_leaves l SET event_id = k.event_id FROM kept_event k WHERE l.idx = k.idx",
      );
      await other.database.close();
    }
    await sequencer.run();
    expect((await newest()).size).toBe(size + 1);
  });

  it.each([
    ["its row says of another size", "size = size + 1"],
    ["its row names another root", "root = sha256('forged')"],
    ["its note is another's", "note = replace(note, 'audit/1', 'audit/2')"],
    ["it has no signature", "note = split_part(note, chr(8212), 1)"],
  ])(
    "is not signed on from a newest head that is forged: %s [HS-312c1] (SR-60)",
    async (_how, change) => {
      await note(entry());
      await sequencer.run();
      const { checkpointId, size } = await newest();
      await world.tamper("CREATE TABLE kept AS SELECT * FROM audit_checkpoints WHERE id = $1", [
        checkpointId,
      ]);
      await world.tamper(`UPDATE audit_checkpoints SET ${change} WHERE id = $1`, [checkpointId]);
      const other = await openOther();
      try {
        await note(entry());
        for (const one of [sequencer, createSequencer({ ...other, log })]) {
          await expect(one.run()).rejects.toMatchObject({ code: "LOG_ALTERED" });
        }
      } finally {
        await world.tamper(
          "UPDATE audit_checkpoints c SET size = k.size, root = k.root, note = k.note FROM kept k WHERE c.id = k.id",
        );
        await world.tamper("DROP TABLE kept");
        await other.database.close();
      }
      await sequencer.run();
      expect((await newest()).size).toBe(size + 1);
    },
  );

  it("is not carried on shorter by a program that knows more of it [HS-312c1] (SR-60)", async () => {
    await note(entry());
    await sequencer.run();
    const { checkpointId } = await newest();
    await world.tamper("CREATE TABLE kept_head AS SELECT * FROM audit_checkpoints WHERE id = $1", [
      checkpointId,
    ]);
    await world.tamper("DELETE FROM audit_checkpoints WHERE id = $1", [checkpointId]);
    try {
      await note(entry());
      await expect(sequencer.run()).rejects.toThrow("shorter than it was");
    } finally {
      await world.tamper("INSERT INTO audit_checkpoints SELECT * FROM kept_head");
    }
    await sequencer.run();
  });

  it("takes no row that the hospital's own programs did not write [HS-312b, HS-312c1] (SR-60)", async () => {
    await note(entry({ event: "real" }));
    await sequencer.run();
    const { checkpointId } = await newest();
    const forge = (mac: string) =>
      world.tamper(
        `INSERT INTO audit_events (at, event, actor, action, outcome, instance, sequence, entry, mac)
         SELECT at, 'forged', actor, action, outcome, instance, sequence + (1000000 * random())::bigint + 1000, entry, ${mac}
         FROM audit_events WHERE event = 'real'`,
      );
    for (const mac of ["mac", "NULL", "substr(sha256('guess'), 1, 16)"]) await forge(mac);
    await note(entry({ event: "after" }));
    let told = 0;
    await createSequencer({ ...world, log, onForged: () => void (told += 1) }).run();
    expect(told).toBe(1);
    const events = (await readRecords()).map(({ event }) => event);
    expect(events.slice(-2)).toEqual(["real", "after"]);
    expect((await newest()).checkpointId).toBeGreaterThan(checkpointId);
    const { findings } = await compareLog(world);
    expect(findings.filter(({ what }) => what === "leaf-missing")).toHaveLength(3);
    await world.tamper("DELETE FROM audit_events WHERE event = 'forged'");
    await sequencer.run();
  });

  it("takes the entries around a row whose members have other lengths than ours have (SR-60)", async () => {
    await world.tamper(
      "ALTER TABLE audit_events DROP CONSTRAINT audit_events_mac_check, DROP CONSTRAINT audit_events_instance_check",
    );
    const forge = (instance: string, mac: string) =>
      world.tamper(
        `INSERT INTO audit_events (at, event, actor, action, outcome, instance, sequence, entry, mac)
         VALUES (1, 'misshapen', 'x', 'read', 'done', ${instance}, 900000000, 'x', ${mac})`,
      );
    try {
      await note(entry({ event: "before it" }));
      await forge("'x'", "'x'");
      await forge("sha256('x')", "sha256('x') || sha256('y')");
      await note(entry({ event: "behind it" }));
      await sequencer.run();
      const events = (await readRecords()).map(({ event }) => event);
      expect(events.slice(-2)).toEqual(["before it", "behind it"]);
    } finally {
      await world.tamper("DELETE FROM audit_events WHERE event = 'misshapen'");
      await world.tamper(
        `ALTER TABLE audit_events ADD CONSTRAINT audit_events_mac_check CHECK (octet_length(mac) = 16),
         ADD CONSTRAINT audit_events_instance_check CHECK (octet_length(instance) = 8)`,
      );
    }
  });

  it("passes no entry by because of a row with a number that none was given (SR-60)", async () => {
    await sequencer.run();
    const columns = "id, at, event, actor, action, outcome, detail, entry";
    await world.database.query(
      `INSERT INTO audit_events (${columns}) VALUES (9e15, 1, 'far', 'x', 'read', 'done', '{}', '')`,
    );
    for (let round = 0; round < 3; round++) {
      await note(entry({ event: "near" }));
      await sequencer.run();
    }
    await world.tamper("DELETE FROM audit_events WHERE event = 'far'");
    const events = (await readRecords()).map(({ event }) => event);
    expect(events.slice(-3)).toEqual(["near", "near", "near"]);
    expect((await newest()).doneId).toBeLessThanOrEqual(await lastEventId());
  });

  it("tells somebody when it is not carried on, once, and again when that lasts [HS-312b]", async () => {
    const told: string[] = [];
    let isAltered = false;
    const watch = createLogWatch({
      ...{ ...world, log, isAltered: () => isAltered },
      onFault: (fault) => Promise.resolve(void told.push(fault)),
    });
    await sequencer.run();
    await watch.look();
    expect([told, watch.waitingMs]).toEqual([[], 0]);
    await note(entry());
    await world.clock.advance(LOG_WAIT_LIMIT_MS);
    await watch.look();
    expect(told).toEqual([]);
    await world.clock.advance(1);
    await watch.look();
    expect(told).toEqual([]);
    await watch.look();
    await watch.look();
    expect(told).toEqual(["log-waiting"]);
    expect(watch.waitingMs).toBe(LOG_WAIT_LIMIT_MS + 1);
    await world.clock.advance(3_600_000);
    await watch.look();
    expect(told).toEqual(["log-waiting", "log-waiting"]);
    await sequencer.run();
    await watch.look();
    isAltered = true;
    await watch.look();
    isAltered = false;
    watch.noteForged();
    await watch.look();
    await watch.look();
    expect(told.slice(2)).toEqual(["log-altered", "row-forged"]);
  });

  it("says when a program begins and when it ends, and its last head covers that [HS-312b]", async () => {
    const started = await startAuditLog({
      ...{ ...world, log, onFault: () => Promise.resolve(), configuration: { version: "1.2.3" } },
    });
    await note(entry({ event: "between" }));
    await started.stop();
    const events = (await readRecords()).map(({ event }) => event).slice(-3);
    expect(events).toEqual([LOG_EVENTS.started, "between", LOG_EVENTS.stopped]);
    expect(started.newest?.size).toBe((await newest()).size);
  });

  it("says how the hospital is run when a program begins, sealed and bound by its entry [HS-312b] (SR-60)", async () => {
    const configuration = { version: "1.2.3", witnesses: "one", unsafe: "", settings: "0a" };
    const onFault = () => Promise.resolve();
    await (await startAuditLog({ ...world, log, onFault, configuration })).stop();
    const { rows } = await world.database.query(
      "SELECT id, detail::text AS detail FROM audit_events WHERE event = $1 ORDER BY id DESC LIMIT 1",
      [LOG_EVENTS.started],
    );
    const id = rows[0]?.number("id") ?? 0;
    expect(rows[0]?.textOrNull("detail") ?? "{}").toBe("{}");
    const asked = [{ id, subject: null }];
    const opened = await openDetails(world.database, world.keyring, asked);
    expect(opened.get(id)).toEqual(configuration);
    expect((await compareLog(world)).findings).toEqual([]);
  });
});
