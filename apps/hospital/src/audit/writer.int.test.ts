import { randomUUID } from "node:crypto";
import { LOG_EVENTS, NO_ENTRY } from "@siphms/audit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../database/index.ts";
import { compareLog } from "../testing/compare-log.ts";
import { entriesOf, readEntries } from "../testing/audit-entries.ts";
import {
  addPatient,
  createHospitalWorld,
  log,
  type HospitalWorld,
} from "../testing/hospital-world.ts";
import { appendAudit, createSequencer } from "./index.ts";

let world: HospitalWorld;

beforeAll(async () => {
  world = await createHospitalWorld();
});

afterAll(() => world.close());

const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ at: world.clock.now(), event: "invented", actor: "operator" },
  ...{ action: "create", outcome: "done", ...more },
});
const note = (...entries: readonly AuditEntry[]): Promise<void> =>
  world.database.withTransaction((tx) => appendAudit(tx, entries));

describe("an act and its entry", () => {
  it("stand or fall together [HS-312b, HS-312c1]", async () => {
    const failing = world.database.withTransaction(async (tx) => {
      await appendAudit(tx, [entry({ event: "never" }), entry({ event: "never" })]);
      throw new Error("the act fails");
    });
    await expect(failing).rejects.toThrow("the act fails");
    expect(await readEntries(world, "event = 'never'")).toEqual([]);
    const made = await entriesOf(world, () => note(entry()));
    expect(made.map(({ event }) => event)).toEqual([LOG_EVENTS.abandoned, "invented"]);
    expect(made[0]?.object).toMatch(/^\d+-\d+$/);
  });

  it("fall together where the entry cannot be written [HS-312b]", async () => {
    const service = new URL(world.test.url).username;
    await world.tamper(`REVOKE INSERT ON audit_events FROM ${service}`);
    try {
      await expect(note(entry())).rejects.toThrow("permission denied");
    } finally {
      await world.tamper(`GRANT INSERT ON audit_events TO ${service}`);
    }
    await note(entry());
  });

  it("are both missing where a failed statement was passed over, and the next entry says so", async () => {
    const told: string[] = [];
    await world.database.withTransaction(async (tx) => {
      await appendAudit(tx, [entry({ event: "never" })]);
      tx.afterCommit(() => told.push("committed"));
      await tx.query("SELECT 1 / 0").catch(() => undefined);
    });
    const made = await entriesOf(world, () => note(entry()));
    expect(made.map(({ event }) => event)).toEqual([LOG_EVENTS.abandoned, "invented"]);
    expect(told).toEqual([]);
  });

  it("leave nothing of the patient in clear, in the entry or beside it [HS-312b]", async () => {
    const id = randomUUID();
    await addPatient(world, { id, mrn: "CANARY-MRN", name: "Canary Invented" });
    const detail = { facts: "canary-detail", count: 3 };
    await note(entry({ event: "canary", subject: id, object: `plan:${id}/2`, detail }));
    const { rows } = await world.database.query(
      `SELECT e.id, e.entry, e.detail::text AS detail, d.of_patient, d.sealed
       FROM audit_events e JOIN audit_details d ON d.event_id = e.id WHERE e.event = 'canary'`,
    );
    const [row] = rows;
    expect([row?.textOrNull("detail"), row?.boolean("of_patient")]).toEqual([null, true]);
    const bytes = Buffer.concat(
      [row?.bytes("entry"), row?.bytes("sealed")].map((b) => b ?? NO_ENTRY),
    );
    for (const canary of [id, id.replaceAll("-", ""), "canary-detail", "CANARY-MRN", "Canary"]) {
      expect(bytes.includes(canary)).toBe(false);
      expect(bytes.toString("hex")).not.toContain(Buffer.from(canary).toString("hex"));
    }
    expect(bytes.toString("hex")).not.toContain(id.replaceAll("-", ""));
    expect(await readEntries(world, "event = 'canary'")).toMatchObject([{ details: detail }]);
  });

  it("lose their details with the patient's key, and nothing else", async () => {
    const id = randomUUID();
    await addPatient(world, { id, mrn: `MRN-${id}` });
    await note(entry({ event: "erased", subject: id, detail: { why: "here" } }));
    await world.tamper("DELETE FROM keystore.patient_keys WHERE patient_id = $1", [id]);
    const other = { ...world, keyring: world.reopenKeyring() };
    expect(await readEntries(other, "event = 'erased'")).toMatchObject([{ details: {} }]);
    await createSequencer({ ...other, log }).run();
    const { ok, erased } = await compareLog(other);
    expect([ok, erased > 0]).toEqual([true, true]);
  });

  it("of a patient who is not there are noted all the same, with their details", async () => {
    await note(entry({ event: "unknown", subject: randomUUID(), detail: { why: "relation" } }));
    expect(await readEntries(world, "event = 'unknown'")).toMatchObject([
      { details: { why: "relation" } },
    ]);
  });
});

describe("the service's own role", () => {
  const tables = ["audit_events", "audit_leaves", "audit_tiles", "audit_checkpoints"];
  it.each([...tables, "audit_cosignatures"])(
    "can add to %s and never change or take away [HS-312b, HS-312c1, HS-316b2i] (SR-64)",
    async (table) => {
      const { rows } = await world.database.query(
        `SELECT string_agg(p, ' ') AS held FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p
         WHERE has_table_privilege(current_user, $1, p)`,
        [table],
      );
      expect(rows[0]?.text("held")).toBe("SELECT INSERT");
      await expect(world.database.query(`DELETE FROM ${table}`)).rejects.toThrow(
        "permission denied",
      );
    },
  );

  it.each(["UPDATE audit_details SET sealed = '\\x00'", "DELETE FROM audit_details"])(
    "can add details and never do this to them: %s [HS-312b, HS-312c1] (SR-64)",
    async (statement) => {
      await expect(world.database.query(statement)).rejects.toThrow("permission denied");
    },
  );

  it("cannot write an entry without saying what it is", async () => {
    const columns = "at, event, actor, action, outcome";
    const insert = `INSERT INTO audit_events (${columns}) VALUES (1, 'x', 'x', 'read', 'done')`;
    await expect(world.database.query(insert)).rejects.toThrow("null value");
  });
});
