import { nextId, type Queryable, type Row, type Transaction } from "../database/index.ts";
import { takeGenuine, type GrantingRow, type Keyring } from "../keys/index.ts";

/** A patient in somebody's care, the row's MAC checked. */
export interface CareRelation {
  readonly id: number;
  readonly staffId: number;
  readonly patientId: string;
  readonly beganAt: number;
  /** The first moment at which it holds no more; null until somebody ends it. */
  readonly endsAt: number | null;
  /** As the audit log names them. */
  readonly madeBy: string;
  /** Who ended it before its time. */
  readonly endedBy: string | null;
  readonly version: number;
}

/** What a relation is begun with. */
export type NewCareRelation = Omit<CareRelation, "endedBy" | "id" | "version">;

const COLUMNS = "id, staff_id, patient_id, began_at, ends_at, made_by, ended_by, version, mac";
const IN_FORCE = "began_at <= $1 AND (ends_at IS NULL OR ends_at > $1)";

/**
 * Stores a new relation. Two of one person and one patient do no harm: ending ends all; and where one was altered in the
 * database, another can be made beside it.
 */
export async function insertCareRelation(
  tx: Transaction,
  keyring: Keyring,
  relation: NewCareRelation,
): Promise<CareRelation> {
  const id = await nextId(tx, "care_relations");
  const stored: CareRelation = { ...relation, id, endedBy: null, version: 1 };
  await tx.query(
    `INSERT INTO care_relations (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      stored.id,
      stored.staffId,
      stored.patientId,
      stored.beganAt,
      stored.endsAt,
      stored.madeBy,
      stored.endedBy,
      stored.version,
      keyring.rowMac(careRow(stored)),
    ],
  );
  return stored;
}

/** The relations in force of one person, or of one person and one patient; altered ones left out. */
export async function findCareOf(
  queryable: Queryable,
  keyring: Keyring,
  wanted: { readonly staffId: number; readonly patientId?: string; readonly now: number },
): Promise<readonly CareRelation[]> {
  const { staffId, patientId, now } = wanted;
  const { rows } =
    patientId === undefined
      ? await queryable.query(
          `SELECT ${COLUMNS} FROM care_relations WHERE ${IN_FORCE} AND staff_id = $2`,
          [now, staffId],
        )
      : await queryable.query(
          `SELECT ${COLUMNS} FROM care_relations
           WHERE ${IN_FORCE} AND staff_id = $2 AND patient_id = $3`,
          [now, staffId, patientId],
        );
  return takeGenuine(rows, (row) => readCareRelation(row, keyring)).rows;
}

/** The relations in force of one patient, or all of them, in the order in which they began; altered ones left out. */
export async function listCareInForce(
  queryable: Queryable,
  keyring: Keyring,
  wanted: { readonly patientId?: string | undefined; readonly now: number },
): Promise<readonly CareRelation[]> {
  const { rows } =
    wanted.patientId === undefined
      ? await queryable.query(
          `SELECT ${COLUMNS} FROM care_relations WHERE ${IN_FORCE} ORDER BY began_at, id`,
          [wanted.now],
        )
      : await queryable.query(
          `SELECT ${COLUMNS} FROM care_relations WHERE ${IN_FORCE} AND patient_id = $2
           ORDER BY began_at, id`,
          [wanted.now, wanted.patientId],
        );
  return takeGenuine(rows, (row) => readCareRelation(row, keyring)).rows;
}

/** Ends a relation that was read in this transaction; false where it has changed meanwhile. */
export async function endCareRelation(
  tx: Transaction,
  keyring: Keyring,
  end: { readonly relation: CareRelation; readonly now: number; readonly endedBy: string },
): Promise<boolean> {
  const { relation, now, endedBy } = end;
  const ended: CareRelation = { ...relation, endsAt: now, endedBy, version: relation.version + 1 };
  const { count } = await tx.query(
    `UPDATE care_relations SET ends_at = $3, ended_by = $4, version = $5, mac = $6
     WHERE id = $1 AND version = $2`,
    [
      relation.id,
      relation.version,
      ended.endsAt,
      ended.endedBy,
      ended.version,
      keyring.rowMac(careRow(ended)),
    ],
  );
  return count === 1;
}

/** Takes a row of `care_relations` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readCareRelation(row: Row, keyring: Keyring): CareRelation {
  const relation: CareRelation = {
    id: row.number("id"),
    staffId: row.number("staff_id"),
    patientId: row.text("patient_id"),
    beganAt: row.number("began_at"),
    endsAt: row.numberOrNull("ends_at"),
    madeBy: row.text("made_by"),
    endedBy: row.textOrNull("ended_by"),
    version: row.number("version"),
  };
  keyring.checkRowMac(careRow(relation), row.bytes("mac"));
  return relation;
}

/** The row as its MAC covers it. */
function careRow(relation: CareRelation): GrantingRow {
  return {
    table: "care_relations",
    id: String(relation.id),
    version: relation.version,
    columns: {
      staff_id: relation.staffId,
      patient_id: relation.patientId,
      began_at: relation.beganAt,
      ends_at: relation.endsAt,
      made_by: relation.madeBy,
      ended_by: relation.endedBy,
    },
  };
}
