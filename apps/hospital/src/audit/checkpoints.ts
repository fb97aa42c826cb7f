import { encodeCheckpoint, encodeNote, signNote, type Bytes, type TreeHead } from "@siphms/tlog";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { OpenedLogKey } from "./log-keys.ts";

/** A signed head of the audit log. */
export interface LogHead {
  readonly checkpointId: number;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Bytes;
  /** The signed note, without cosignatures. */
  readonly note: string;
  /** Which of the hospital's log keys signed it. */
  readonly keyId: number;
  /** ms, the hospital's clock. */
  readonly at: number;
  /** Every entry up to this id of `audit_events` is a leaf. */
  readonly doneId: number;
}

const COLUMNS = "c.id, c.key_id, c.size, c.root, c.note, c.at, c.done_id";

/** The newest head; `undefined` in a log that has none yet. */
export async function readNewestCheckpoint(queryable: Queryable): Promise<LogHead | undefined> {
  return firstOf(
    await queryable.query(`SELECT ${COLUMNS} FROM audit_checkpoints c ORDER BY c.id DESC LIMIT 1`),
  );
}

/** The newest head of the largest size that is not above this one. */
export async function readCheckpointUpTo(
  queryable: Queryable,
  size: number,
): Promise<LogHead | undefined> {
  return firstOf(
    await queryable.query(
      `SELECT ${COLUMNS} FROM audit_checkpoints c WHERE c.size <= $1
       ORDER BY c.size DESC, c.id DESC LIMIT 1`,
      [size],
    ),
  );
}

/** The last head that one of the log's keys signed. */
export async function readLastCheckpointOf(
  queryable: Queryable,
  keyId: number,
): Promise<LogHead | undefined> {
  return firstOf(
    await queryable.query(
      `SELECT ${COLUMNS} FROM audit_checkpoints c WHERE c.key_id = $1 ORDER BY c.id DESC LIMIT 1`,
      [keyId],
    ),
  );
}

/** The newest head that every one of these witnesses has cosigned. @param witnesses - Names of their keys, each once. */
export async function readNewestCosigned(
  queryable: Queryable,
  witnesses: readonly string[],
): Promise<LogHead | undefined> {
  if (witnesses.length === 0) return undefined;
  return firstOf(
    await queryable.query(
      // A witness that has cosigned nothing, or nothing for long, must not have every head looked at.
      `WITH newest AS (
         SELECT (SELECT max(s.checkpoint_id) FROM audit_cosignatures s WHERE s.witness = name) AS id
         FROM unnest($1::text[]) AS name)
       SELECT ${COLUMNS} FROM audit_checkpoints c
       WHERE c.id <= (SELECT CASE WHEN count(id) = $2 THEN min(id) END FROM newest)
         AND (SELECT count(*) FROM audit_cosignatures s
              WHERE s.checkpoint_id = c.id AND s.witness = ANY($1::text[])) = $2
       ORDER BY c.id DESC LIMIT 1`,
      [witnesses, witnesses.length],
    ),
  );
}

/** The note of a head with every cosignature that is stored for it. */
export async function noteWithCosignatures(queryable: Queryable, head: LogHead): Promise<string> {
  const { rows } = await queryable.query(
    "SELECT line FROM audit_cosignatures WHERE checkpoint_id = $1 ORDER BY witness",
    [head.checkpointId],
  );
  return head.note + rows.map((row) => `${row.text("line")}\n`).join("");
}

/** Signs a head and stores it. */
export async function storeCheckpoint(
  tx: Transaction,
  input: {
    readonly head: TreeHead;
    readonly key: OpenedLogKey;
    readonly doneId: number;
    readonly now: number;
  },
): Promise<LogHead> {
  const { head, key, doneId, now } = input;
  const text = encodeCheckpoint({ origin: key.origin, ...head, extensions: [] });
  const signed = await signNote({ text, signatures: [] }, key.signer);
  const note = new TextDecoder().decode(encodeNote(signed));
  const { rows } = await tx.query(
    `INSERT INTO audit_checkpoints (key_id, size, root, note, at, done_id)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [key.id, head.size, head.root, note, now, doneId],
  );
  const checkpointId = rows[0]?.number("id") ?? 0;
  return { checkpointId, size: head.size, root: head.root, note, keyId: key.id, at: now, doneId };
}

function firstOf({ rows }: { readonly rows: readonly Row[] }): LogHead | undefined {
  const [row] = rows;
  return row === undefined ? undefined : readHead(row);
}

/** Takes a row with {@link COLUMNS}. */
function readHead(row: Row): LogHead {
  return {
    checkpointId: row.number("id"),
    size: row.number("size"),
    root: row.bytes("root"),
    note: row.text("note"),
    keyId: row.number("key_id"),
    at: row.number("at"),
    doneId: row.number("done_id"),
  };
}
