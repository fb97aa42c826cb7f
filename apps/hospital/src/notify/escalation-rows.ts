import type { Bytes } from "@siphms/cose";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import {
  isOfAlteredRow,
  KeyError,
  type Cell,
  type GrantingRow,
  type Keyring,
} from "../keys/index.ts";

const stepsSchema = Type.Array(
  Type.Object({
    urgentAfterMinutes: Type.Integer(),
    warnAfterMinutes: Type.Integer(),
    staff: Type.Array(Type.Integer()),
  }),
);

/** Whom an alert is handed on to when nobody acknowledged it for so long. */
export type EscalationStep = Readonly<Static<typeof stepsSchema>[number]>;

/** One version of the hospital's policy, the row's MAC checked. */
export interface PolicyRow {
  readonly version: number;
  readonly steps: readonly EscalationStep[];
  /** Sealed; {@link openPolicyReason} opens it. */
  readonly reason: Bytes;
  readonly setAt: number;
  /** As the audit log names them. */
  readonly setBy: string;
}

/** The policy that holds. */
export type CurrentPolicy =
  | { readonly kind: "set"; readonly row: PolicyRow }
  | { readonly kind: "none"; readonly version: 0 }
  /** The newest version is not as it was written: nobody is named by it, nor by an older one. */
  | { readonly kind: "altered"; readonly version: number };

const COLUMNS = "version, steps, reason, set_at, set_by, mac";

/** The policy that holds at this moment. */
export async function findPolicy(queryable: Queryable, keyring: Keyring): Promise<CurrentPolicy> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM escalation_policies ORDER BY version DESC LIMIT 1`,
  );
  const [row] = rows;
  if (row === undefined) return { kind: "none", version: 0 };
  try {
    return { kind: "set", row: readPolicy(row, keyring) };
  } catch (error) {
    if (!isOfAlteredRow(error)) throw error;
    return { kind: "altered", version: row.number("version") };
  }
}

/** Adds a version. @returns false where somebody else has added it meanwhile. */
export async function insertPolicy(
  tx: Transaction,
  keyring: Keyring,
  policy: Omit<PolicyRow, "reason"> & { readonly reason: string },
): Promise<boolean> {
  const reason = keyring.sealCell(
    reasonCell(policy.version),
    new TextEncoder().encode(policy.reason),
  );
  const stored: PolicyRow = { ...policy, reason };
  const { count } = await tx.query(
    `INSERT INTO escalation_policies (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (version) DO NOTHING`,
    [
      stored.version,
      JSON.stringify(stored.steps),
      stored.reason,
      stored.setAt,
      stored.setBy,
      keyring.rowMac(policyRow(stored, JSON.stringify(stored.steps))),
    ],
  );
  return count === 1;
}

/** Takes a row of `escalation_policies` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readPolicy(row: Row, keyring: Keyring): PolicyRow {
  const steps = row.text("steps");
  const policy = {
    version: row.number("version"),
    reason: row.bytes("reason"),
    setAt: row.number("set_at"),
    setBy: row.text("set_by"),
  };
  // Before anything in it is read.
  keyring.checkRowMac(policyRow(policy, steps), row.bytes("mac"));
  return { ...policy, steps: parseSteps(steps) };
}

/** Why it was set. @throws {KeyError} `CELL_UNAUTHENTIC` */
export function openPolicyReason({ version, reason }: PolicyRow, keyring: Keyring): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(
    keyring.openCell(reasonCell(version), reason),
  );
}

function parseSteps(text: string): readonly EscalationStep[] {
  const steps: unknown = JSON.parse(text);
  if (!Value.Check(stepsSchema, steps)) {
    throw new KeyError("ROW_ALTERED", "a row of escalation_policies has another form");
  }
  return steps;
}

function reasonCell(version: number): Cell {
  return { table: "escalation_policies", column: "reason", row: String(version) };
}

function policyRow(policy: Omit<PolicyRow, "steps">, steps: string): GrantingRow {
  return {
    table: "escalation_policies",
    id: String(policy.version),
    version: policy.version,
    columns: { steps, reason: policy.reason, set_at: policy.setAt, set_by: policy.setBy },
  };
}
