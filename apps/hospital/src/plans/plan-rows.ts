import { parseApi, planRulesSchema, type PlanRules } from "@siphms/api";
import type { Bytes } from "@siphms/cose";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { Cell, GrantingRow, Keyring, PatientCipher } from "../keys/index.ts";

/** One version of a patient's plan, the row's MAC checked. */
export interface PlanRow {
  readonly patientId: string;
  readonly version: number;
  readonly setAt: number;
  /** As the audit log names them. */
  readonly setBy: string;
  /** Sealed; {@link openRules} opens it. */
  readonly rules: Bytes;
  /** Sealed; {@link openReason} opens it. */
  readonly reason: Bytes;
}

/** What a version of a plan is made of. */
export type NewPlan = Omit<PlanRow, "reason" | "rules"> & {
  readonly rules: PlanRules;
  readonly reason: string;
};

const COLUMNS = "patient_id, version, set_at, set_by, rules, reason, mac";

/** The row of each patient's newest version, as it is found: to be read with {@link readPlanRow}. */
export async function findNewest(
  queryable: Queryable,
  patientIds: readonly string[],
): Promise<readonly Row[]> {
  const { rows } = await queryable.query(
    `SELECT DISTINCT ON (patient_id) ${COLUMNS} FROM patient_plans
     WHERE patient_id = ANY($1::uuid[]) ORDER BY patient_id, version DESC`,
    [patientIds],
  );
  return rows;
}

/** Every version of a patient's plan as it is found, newest first. */
export async function listVersions(
  queryable: Queryable,
  patientId: string,
): Promise<readonly Row[]> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM patient_plans WHERE patient_id = $1 ORDER BY version DESC`,
    [patientId],
  );
  return rows;
}

/** Adds a version. @returns false where somebody else has added it meanwhile. */
export async function insertPlan(
  tx: Transaction,
  plan: NewPlan,
  { keyring, cipher }: { readonly keyring: Keyring; readonly cipher: PatientCipher },
): Promise<boolean> {
  const stored: PlanRow = {
    ...plan,
    rules: cipher.seal(cellOf(plan, "rules"), toUtf8(JSON.stringify(plan.rules))),
    reason: cipher.seal(cellOf(plan, "reason"), toUtf8(plan.reason)),
  };
  const { count } = await tx.query(
    `INSERT INTO patient_plans (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (patient_id, version) DO NOTHING`,
    [
      stored.patientId,
      stored.version,
      stored.setAt,
      stored.setBy,
      stored.rules,
      stored.reason,
      keyring.rowMac(planRow(stored)),
    ],
  );
  return count === 1;
}

/** Takes a row of `patient_plans` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readPlanRow(row: Row, keyring: Keyring): PlanRow {
  const plan: PlanRow = {
    patientId: row.text("patient_id"),
    version: row.number("version"),
    setAt: row.number("set_at"),
    setBy: row.text("set_by"),
    rules: row.bytes("rules"),
    reason: row.bytes("reason"),
  };
  keyring.checkRowMac(planRow(plan), row.bytes("mac"));
  return plan;
}

/** What is watched. @throws {KeyError} `CELL_UNAUTHENTIC` @throws {ApiError} where this release cannot read it. */
export function openRules(plan: PlanRow, cipher: PatientCipher): PlanRules {
  const text = fromUtf8(cipher.open(cellOf(plan, "rules"), plan.rules));
  return parseApi(planRulesSchema, JSON.parse(text));
}

/** Why it was set. @throws {KeyError} `CELL_UNAUTHENTIC` */
export function openReason(plan: PlanRow, cipher: PatientCipher): string {
  return fromUtf8(cipher.open(cellOf(plan, "reason"), plan.reason));
}

/** How the audit log and `siphms check` name one version of a plan. */
export function auditNameOfPlan({
  patientId,
  version,
}: Pick<PlanRow, "patientId" | "version">): string {
  return `plan:${patientId}/${String(version)}`;
}

function cellOf(
  { patientId, version }: Pick<PlanRow, "patientId" | "version">,
  column: "reason" | "rules",
): Cell {
  return { table: "patient_plans", column, row: `${patientId}/${String(version)}` };
}

function planRow(plan: PlanRow): GrantingRow {
  return {
    table: "patient_plans",
    id: plan.patientId,
    version: plan.version,
    columns: {
      set_at: plan.setAt,
      set_by: plan.setBy,
      rules: plan.rules,
      reason: plan.reason,
    },
  };
}

function toUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function fromUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
