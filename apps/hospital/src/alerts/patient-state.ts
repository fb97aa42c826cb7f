import { EMPTY_STATE, readState, type News2, type PatientState } from "@siphms/alerts";
import { news2Schema, parseApi } from "@siphms/api";
import type { Bytes } from "@siphms/cose";
import { Type } from "typebox";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import { KeyError, type Cell, type Keyring, type PatientCipher } from "../keys/index.ts";
import { GAPS_BEGIN, gapsSchema, type Gaps } from "./gaps.ts";

/** What is remembered of one patient between two evaluations. */
export interface Remembered {
  readonly state: PatientState;
  /** NEWS2 as it stood at the end of the last one. */
  readonly news2: News2 | null;
  readonly gaps: Gaps;
  /** When the patient is due next, real ms: the row says so as well, where it can be found, and changed. */
  readonly nextAt: number | null;
}

/** A patient's row before anything is opened. */
export interface StateRow {
  readonly patientId: string;
  readonly sealed: Bytes;
}

/** What is remembered of somebody of whom nothing is known. */
export const NOTHING_REMEMBERED: Remembered = {
  state: EMPTY_STATE,
  news2: null,
  gaps: GAPS_BEGIN,
  nextAt: null,
};

const sealedSchema = Type.Object(
  {
    state: Type.Unknown(),
    news2: Type.Union([news2Schema, Type.Null()]),
    gaps: gapsSchema,
    nextAt: Type.Union([Type.Integer(), Type.Null()]),
  },
  { additionalProperties: false },
);

/** Reads what is remembered of these patients, as it is sealed; whoever was never evaluated is absent. */
export async function findStates(
  queryable: Queryable,
  patientIds: readonly string[],
): Promise<ReadonlyMap<string, StateRow>> {
  const { rows } = await queryable.query(
    "SELECT patient_id, state FROM alert_states WHERE patient_id = ANY($1::uuid[])",
    [patientIds],
  );
  return new Map(
    rows.map((row) => {
      const patientId = row.text("patient_id");
      return [patientId, { patientId, sealed: row.bytes("state") }];
    }),
  );
}

/** The patients of whom the passing of time alone may have made something by now, the longest due first. */
export async function findDuePatients(
  queryable: Queryable,
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await queryable.query(
    "SELECT patient_id FROM alert_states WHERE next_at <= $1 ORDER BY next_at LIMIT $2",
    [now, limit],
  );
  return rows.map((row) => row.text("patient_id"));
}

/** Opens what is remembered. @throws {KeyError} `CELL_UNAUTHENTIC`, and other errors where this release cannot read it. */
export function openRemembered(cipher: PatientCipher, { patientId, sealed }: StateRow): Remembered {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(
    cipher.open(cellOf(patientId), sealed),
  );
  const { state, ...rest } = parseApi(sealedSchema, JSON.parse(text));
  return { ...rest, state: readState(state) };
}

/** Seals what is to be remembered, for that patient's row alone. */
export function sealRemembered(
  cipher: PatientCipher,
  patientId: string,
  remembered: Remembered,
): Bytes {
  return cipher.seal(
    cellOf(patientId),
    new TextEncoder().encode(JSON.stringify({ ...remembered })),
  );
}

/** Writes what is remembered of some patients, and when each is due next (real time, ms). */
export async function storeStates(
  tx: Transaction,
  states: readonly {
    readonly patientId: string;
    readonly sealed: Bytes;
    readonly nextAt: number | null;
  }[],
): Promise<void> {
  if (states.length === 0) return;
  await tx.query(
    `INSERT INTO alert_states (patient_id, state, next_at)
     SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bigint[])
     ON CONFLICT (patient_id) DO UPDATE SET state = excluded.state, next_at = excluded.next_at`,
    [
      states.map(({ patientId }) => patientId),
      states.map(({ sealed }) => sealed),
      states.map(({ nextAt }) => nextAt),
    ],
  );
}

/** How long somebody who could not be evaluated is put off. */
export const PUT_OFF_MS = 5 * 60_000;

/** Looks whether a row of `alert_states` is as it was written. @throws {KeyError} and other errors where it is not. */
export async function checkState(row: Row, queryable: Queryable, keyring: Keyring): Promise<void> {
  const patientId = row.text("patient_id");
  const cipher = await keyring.patientCipher(queryable, patientId);
  const { nextAt } = openRemembered(cipher, { patientId, sealed: row.bytes("state") });
  const due = row.numberOrNull("next_at");
  if (nextAt !== null && (due === null || due > nextAt + PUT_OFF_MS)) {
    throw new KeyError("ROW_ALTERED", "alert_states: one patient is due later than was sealed");
  }
}

/** Puts off patients who cannot be evaluated, so that they are not tried again all the time. */
export async function putOff(
  tx: Transaction,
  patientIds: readonly string[],
  until: number,
): Promise<void> {
  if (patientIds.length === 0) return;
  await tx.query(
    "UPDATE alert_states SET next_at = $2 WHERE patient_id = ANY($1::uuid[]) AND next_at <= $2",
    [patientIds, until],
  );
}

function cellOf(patientId: string): Cell {
  return { table: "alert_states", column: "state", row: patientId };
}
