import type { CheckReport } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import type { KekSource, Keyring } from "../keys/index.ts";
import type { Around } from "./around.ts";
import { faultOf } from "./fault-of.ts";
import { grantingTables, type GrantingTable } from "./granting-tables.ts";
import { makeSweep, type Finding, type PlannedSweep, type Sweep } from "./sweep.ts";
import { sweepsAround } from "./sweep-around.ts";
import { sweepAuditLog } from "./sweep-audit-log.ts";
import { sweepBatches } from "./sweep-batches.ts";
import { sweepFiles } from "./sweep-files.ts";

/** What a sweep needs. */
export interface CheckPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly kek: KekSource;
  readonly dataFolder: string;
  /** How the hospital is run; without it the records alone are looked at. */
  readonly around?: Around;
}

/**
 * Looks at everything that somebody with access to the database or the disk alone could have changed: MACs of all rows that
 * grant something, seals of what they hold, the audit log, modes of key files, partitions; and at how the hospital is run.
 *
 * Reads only. A damaged row is one finding and does not stop the sweep; a sweep that fails is one and does not stop the others.
 */
export async function runCheck(ports: CheckPorts): Promise<CheckReport> {
  const sweeps: Sweep[] = [];
  for (const planned of plannedSweeps(ports)) sweeps.push(await makeSweep(planned));
  const findings = sweeps.flatMap((sweep) => sweep.findings);
  const notes = sweeps.flatMap((sweep) => sweep.notes ?? []);
  return {
    ok: findings.length === 0,
    findings: findings.map((finding) => ({ ...finding })),
    ...(notes.length === 0 ? {} : { notes: notes.map((note) => ({ ...note })) }),
    swept: Object.fromEntries(sweeps.map((sweep) => [sweep.check, sweep.swept])),
  };
}

function plannedSweeps(ports: CheckPorts): readonly PlannedSweep[] {
  const { around, clock } = ports;
  return [
    ...grantingTables(ports).map((table) => ({
      check: table.name,
      run: () => sweepTable(table, ports),
    })),
    { check: "batches", run: () => sweepBatches(ports, clock.now()) },
    { check: "emergencies", run: () => sweepEmergencies(ports) },
    { check: "decisions", run: () => sweepDecisions(ports) },
    { check: "plans", run: () => sweepPlans(ports) },
    { check: "raised", run: () => sweepRaised(ports) },
    { check: "contacts", run: () => sweepContacts(ports) },
    { check: "escalation", run: () => sweepEscalation(ports) },
    { check: "audit-log", run: () => sweepAuditLog(ports) },
    { check: "partitions", run: () => sweepPartitions(ports) },
    { check: "files", run: () => sweepFiles(ports) },
    ...(around === undefined ? [] : sweepsAround({ ...ports, ...around })),
  ];
}

async function sweepTable(table: GrantingTable, { database }: CheckPorts): Promise<Sweep> {
  const check = table.name;
  const { rows } = await database.query(`SELECT * FROM ${table.name}`);
  const findings: Finding[] = [];
  for (const row of rows) {
    const fault = await faultOf(() => table.look(row));
    if (fault !== undefined) findings.push({ check, subject: table.key(row), detail: fault });
  }
  return { check, swept: rows.length, findings };
}

/** A row that was deleted carries no MAC that could be wrong; the audit log, which is only added to, still names it. */
async function sweepEmergencies({ database }: CheckPorts): Promise<Sweep> {
  const { rows } = await database.query(
    `SELECT a.object, b.id IS NULL AS missing FROM audit_events a
     LEFT JOIN break_glass b ON a.object = 'break-glass:' || b.id
     WHERE a.event = 'access.break-glass' ORDER BY a.id`,
  );
  const findings = rows
    .filter((row) => row.boolean("missing"))
    .map((row) => ({
      check: "emergencies",
      subject: row.text("object"),
      detail: "the audit log names an access in an emergency whose row, and review, are gone",
    }));
  return { check: "emergencies", swept: rows.length, findings };
}

/** As for emergencies; and a row that was put back to what it was before has a good MAC, but not the newest version. */
async function sweepDecisions({ database }: CheckPorts): Promise<Sweep> {
  const { rows } = await database.query(
    `SELECT a.object, d.version IS NULL AS missing, a.version > coalesce(d.version, 0) AS stale
     FROM (SELECT object, max(version) AS version FROM audit_events
           WHERE event = 'quarantine.decided' GROUP BY object) a
     LEFT JOIN quarantine_decisions d
       ON a.object = 'quarantine:' || d.device_id || '/' || encode(d.message_id, 'hex') || '/' || d.reason
     ORDER BY a.object`,
  );
  const findings = rows
    .filter((row) => row.boolean("stale"))
    .map((row) => ({
      check: "decisions",
      subject: row.text("object"),
      detail: row.boolean("missing")
        ? "the audit log names a decision about quarantined samples whose row is gone"
        : "the audit log names a later decision about quarantined samples than the row holds",
    }));
  return { check: "decisions", swept: rows.length, findings };
}

/** Versions of plans are never taken away: one that is gone would bring back the limits of the version before. */
async function sweepPlans({ database }: CheckPorts): Promise<Sweep> {
  const { rows } = await database.query(
    `SELECT a.object, p.version IS NULL AS missing FROM audit_events a
     LEFT JOIN patient_plans p ON a.object = 'plan:' || p.patient_id || '/' || p.version
     WHERE a.event = 'plan.set' ORDER BY a.id`,
  );
  const findings = rows
    .filter((row) => row.boolean("missing"))
    .map((row) => ({
      check: "plans",
      subject: row.text("object"),
      detail: "the audit log names a version of a patient's limits whose row is gone",
    }));
  return { check: "plans", swept: rows.length, findings };
}

/** As for decisions: an address that was put back to what it was before takes somebody's alerts to an old place. */
async function sweepContacts({ database }: CheckPorts): Promise<Sweep> {
  const { rows } = await database.query(
    `SELECT a.object, a.version > coalesce(c.version, 0) AS stale
     FROM (SELECT object, max(version) AS version FROM audit_events
           WHERE event = 'contact.set' GROUP BY object) a
     LEFT JOIN staff_contacts c ON a.object = 'staff:' || c.staff_id
     ORDER BY a.object`,
  );
  const findings = rows
    .filter((row) => row.boolean("stale"))
    .map((row) => ({
      check: "contacts",
      subject: row.text("object"),
      detail: "the audit log names a later mail address for alerts than the row holds",
    }));
  return { check: "contacts", swept: rows.length, findings };
}

/** Without its newest row the policy before it would hold again. */
async function sweepEscalation({ database }: CheckPorts): Promise<Sweep> {
  const { rows } = await database.query(
    `SELECT a.object, p.version IS NULL AS missing FROM audit_events a
     LEFT JOIN escalation_policies p ON a.object = 'escalation:' || p.version
     WHERE a.event = 'escalation.set' ORDER BY a.id`,
  );
  const findings = rows
    .filter((row) => row.boolean("missing"))
    .map((row) => ({
      check: "escalation",
      subject: row.text("object"),
      detail: "the audit log names a version of who is told next whose row is gone",
    }));
  return { check: "escalation", swept: rows.length, findings };
}

/** Alerts are never taken away either: one that is gone was shown to nobody. */
async function sweepRaised({ database }: CheckPorts): Promise<Sweep> {
  const { rows } = await database.query(
    `SELECT a.object, l.id IS NULL AS missing,
       coalesce(l.set_aside, false) AND NOT EXISTS (SELECT FROM audit_events b
         WHERE b.event = 'alert.altered' AND b.object = a.object) AS hidden
     FROM (SELECT DISTINCT object FROM audit_events WHERE event IN ('alert.raised', 'alert.late')) a
     LEFT JOIN alerts l ON a.object = 'alert:' || l.id ORDER BY a.object`,
  );
  const findings = rows
    .filter((row) => row.boolean("missing") || row.boolean("hidden"))
    .map((row) => ({
      check: "raised",
      subject: row.text("object"),
      detail: row.boolean("missing")
        ? "the audit log names an alert whose row is gone"
        : "an alert was set aside, and the audit log does not say so",
    }));
  return { check: "raised", swept: rows.length, findings };
}

/** Rows in the default partition mean that the month's own was not made in time: they slow every later one down. */
async function sweepPartitions({ database, clock }: CheckPorts): Promise<Sweep> {
  const { rows } = await database.query(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'batches'::regclass`,
  );
  const names = new Set(rows.map((row) => row.text("name")));
  const month = new Date(clock.now()).toISOString().slice(0, 7).replace("-", "_");
  const findings: Finding[] = [];
  if (!names.has(`batches_${month}`)) {
    findings.push({
      check: "partitions",
      subject: `batches_${month}`,
      detail: "this month has no partition; restart the hospital, which makes it",
    });
  }
  const strays = await database.query("SELECT EXISTS (SELECT FROM batches_default) AS there");
  if (strays.rows[0]?.boolean("there") === true) {
    findings.push({
      check: "partitions",
      subject: "batches_default",
      detail: "messages signed outside the known months lie here",
    });
  }
  return { check: "partitions", swept: names.size, findings };
}
