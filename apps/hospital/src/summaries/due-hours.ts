import type { NamedMessage } from "../audit/index.ts";
import type { Row, Transaction } from "../database/index.ts";
import { KeyError, type Keyring } from "../keys/index.ts";
import { BATCH_COLUMNS, eachSample, openBatch, readBatch } from "../records/index.ts";
import { DAY_MS, HOUR_MS } from "./tally.ts";

/** LATERAL with LIMIT keeps the planner on the indexes, whatever it believes about tables that grow fast. */
const NAMED_BATCHES = `unnest($1::bytea[], $2::bytea[]) AS w (kid, message_id)
  CROSS JOIN LATERAL (SELECT id, kid FROM devices WHERE kid = w.kid LIMIT 1) d
  CROSS JOIN LATERAL (
    SELECT * FROM batches WHERE device_id = d.id AND message_id = w.message_id LIMIT 1) b`;

/**
 * Marks every hour in which a sample of one of the messages was measured: its summary is to be made anew.
 *
 * @returns How many messages could not be opened: those that are so long that only their samples tell which hours they touch.
 */
export async function markDueHours(
  tx: Transaction,
  messages: readonly NamedMessage[],
  keyring: Keyring,
): Promise<number> {
  const names = [messages.map(({ kid }) => kid), messages.map(({ messageId }) => messageId)];
  await tx.query(
    `INSERT INTO summaries_due (patient_id, hour_at)
     SELECT DISTINCT b.patient_id, h.at FROM ${NAMED_BATCHES}
       CROSS JOIN LATERAL generate_series(b.start_at - b.start_at % $3, b.end_at, $3) AS h (at)
     WHERE b.end_at - b.start_at <= $4
     ON CONFLICT DO NOTHING`,
    [...names, HOUR_MS, DAY_MS],
  );
  const { rows } = await tx.query(
    `SELECT b.patient_id, ${BATCH_COLUMNS} FROM ${NAMED_BATCHES} WHERE b.end_at - b.start_at > $3`,
    [...names, DAY_MS],
  );
  let unopened = 0;
  for (const row of rows) {
    const hours = await hoursOf(row, { tx, keyring });
    if (hours === undefined) unopened += 1;
    else await markHours(tx, row.text("patient_id"), hours);
  }
  return unopened;
}

async function hoursOf(
  row: Row,
  { tx, keyring }: { readonly tx: Transaction; readonly keyring: Keyring },
): Promise<ReadonlySet<number> | undefined> {
  const hours = new Set<number>();
  try {
    const cipher = await keyring.patientCipher(tx, row.text("patient_id"));
    for (const run of openBatch(readBatch(row), cipher, null)) {
      eachSample(run, (at) => hours.add(at - (at % HOUR_MS)));
    }
    return hours;
  } catch (error) {
    // Changed in the database, or its patient is erased: whoever asks for the readings is told.
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}

async function markHours(
  tx: Transaction,
  patientId: string,
  hours: ReadonlySet<number>,
): Promise<void> {
  await tx.query(
    `INSERT INTO summaries_due (patient_id, hour_at) SELECT $1, at FROM unnest($2::bigint[]) AS h (at)
     ON CONFLICT DO NOTHING`,
    [patientId, [...hours]],
  );
}
