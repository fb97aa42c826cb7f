import type { AlertStand, ApiAlert } from "@siphms/api";
import type { Queryable } from "../database/index.ts";
import { KeyError, type Keyring, type PatientCipher } from "../keys/index.ts";
import type { Notifier } from "../notify/index.ts";
import { readStaffNames } from "../staff/index.ts";
import { auditNameOfStaff } from "../audit/index.ts";
import { openFound, openNote } from "./alert-cells.ts";
import type { AlertRow } from "./alert-rows.ts";
import { findOpenAlerts, listAlerts } from "./find-alerts.ts";
import { findStates, openRemembered, type StateRow } from "./patient-state.ts";

/** What showing alerts needs. */
export interface StandPorts {
  readonly database: Queryable;
  readonly keyring: Keyring;
  readonly notifier: Pick<Notifier, "tellingsOf">;
}

/** Shown of a patient's alerts at once. */
const PAGE = 50;

/** The open alerts and NEWS2 of these patients, each of whom has an answer. */
export async function readStands(
  patientIds: readonly string[],
  ports: StandPorts,
): Promise<ReadonlyMap<string, AlertStand>> {
  const { database, keyring } = ports;
  const { rows } = await findOpenAlerts(database, keyring, patientIds);
  const states = await findStates(database, patientIds);
  const shown = await describeAll(rows, ports);
  const stands = new Map<string, AlertStand>();
  for (const patientId of patientIds) {
    stands.set(patientId, {
      open: shown.filter(({ patient }) => patient === patientId),
      news2: await readNews2(states.get(patientId), ports),
    });
  }
  return stands;
}

/** A patient's alerts, newest first, closed and late ones too. */
export async function readHistory(
  wanted: { readonly patientId: string; readonly before: number | undefined },
  ports: StandPorts,
): Promise<{ readonly alerts: ApiAlert[]; readonly next?: string }> {
  const { database, keyring } = ports;
  const { rows, altered } = await listAlerts(database, keyring, { ...wanted, limit: PAGE });
  const alerts = await describeAll(rows, ports);
  const isFull = rows.length + altered === PAGE;
  const last = rows.at(-1);
  return { alerts, ...(isFull && last !== undefined ? { next: String(last.id) } : {}) };
}

/** Whoever cannot be read has no score to show; the job tells that. */
async function readNews2(
  state: StateRow | undefined,
  { database, keyring }: StandPorts,
): Promise<AlertStand["news2"]> {
  if (state === undefined) return null;
  try {
    const cipher = await keyring.patientCipher(database, state.patientId);
    const { news2 } = openRemembered(cipher, state);
    return news2 && { ...news2, subScores: { ...news2.subScores }, missing: [...news2.missing] };
  } catch {
    return null;
  }
}

async function describeAll(rows: readonly AlertRow[], ports: StandPorts): Promise<ApiAlert[]> {
  if (rows.length === 0) return [];
  const { database, keyring, notifier } = ports;
  const ids = rows.map(({ id }) => id);
  const names = await readStaffNames(database, keyring);
  const told = await notifier.tellingsOf(database, ids);
  const seen = await readSeen(database, ids);
  const alerts: ApiAlert[] = [];
  for (const row of rows) {
    const cipher = await cipherOf(row, ports);
    const shown = cipher && describe(row, { cipher, names });
    if (shown === undefined) continue;
    const seenBy = (seen.get(row.id) ?? []).map(({ staffId, at }) => ({
      by: nameOf(auditNameOfStaff(staffId), names),
      at,
    }));
    alerts.push({ ...shown, told: [...(told.get(row.id) ?? [])], seen: seenBy });
  }
  return alerts;
}

async function cipherOf(
  { patientId }: AlertRow,
  { database, keyring }: StandPorts,
): Promise<PatientCipher | undefined> {
  try {
    return await keyring.patientCipher(database, patientId);
  } catch (error) {
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}

type Names = ReadonlyMap<string, string>;

function describe(
  row: AlertRow,
  { cipher, names }: { readonly cipher: PatientCipher; readonly names: Names },
): Omit<ApiAlert, "seen" | "told"> {
  const { acknowledged, nextStepAt, overAt } = row;
  return {
    id: String(row.id),
    patient: row.patientId,
    rule: row.rule,
    channel: row.channel,
    level: row.level,
    finding: openFound(cipher, row.id, row.found).finding,
    late: row.late,
    raised: row.raisedAt,
    at: row.at,
    updated: row.updatedAt,
    ...(overAt === null ? {} : { over: overAt }),
    ...(acknowledged === null
      ? {}
      : { acknowledged: { by: nameOf(acknowledged.by, names), at: acknowledged.at } }),
    ...describeResolved(row, { cipher, names }),
    step: row.step,
    ...(nextStepAt === null ? {} : { nextStep: nextStepAt }),
  };
}

function describeResolved(
  { id, note, resolved }: AlertRow,
  { cipher, names }: { readonly cipher: PatientCipher; readonly names: Names },
): Pick<ApiAlert, "resolved"> {
  if (resolved === null) return {};
  return {
    resolved: {
      at: resolved.at,
      ...(resolved.by === null ? {} : { by: nameOf(resolved.by, names) }),
      ...(note === null ? {} : { note: openNote(cipher, id, note) }),
    },
  };
}

function nameOf(actor: string, names: Names): string {
  return names.get(actor) ?? actor;
}

async function readSeen(
  queryable: Queryable,
  ids: readonly number[],
): Promise<ReadonlyMap<number, { readonly staffId: number; readonly at: number }[]>> {
  const { rows } = await queryable.query(
    `SELECT alert_id, staff_id, seen_at FROM alert_seen WHERE alert_id = ANY($1::bigint[])
     ORDER BY seen_at, staff_id`,
    [ids],
  );
  const seen = new Map<number, { staffId: number; at: number }[]>();
  for (const row of rows) {
    const id = row.number("alert_id");
    const all = seen.get(id) ?? [];
    all.push({ staffId: row.number("staff_id"), at: row.number("seen_at") });
    seen.set(id, all);
  }
  return seen;
}
