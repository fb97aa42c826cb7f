import type { NamedMessage } from "../audit/index.ts";
import type { Queryable, Row } from "../database/index.ts";
import { KeyError, type Keyring } from "../keys/index.ts";
import { BATCH_COLUMNS, eachSample, openBatch, readBatch } from "../records/index.ts";
import { DAY_MS, HOUR_MS } from "./tally.ts";

/** Hours in which samples of some messages were measured. */
export interface TouchedHours {
  /** By patient; beginnings of hours, ms. */
  readonly hours: ReadonlyMap<string, ReadonlySet<number>>;
  /** Messages that could not be opened, of those that are so long that only their samples tell which hours they touch. */
  readonly unopened: number;
}

/** LATERAL with LIMIT keeps the planner on the indexes, whatever it believes about tables that grow fast. */
const NAMED_BATCHES = `unnest($1::bytea[], $2::bytea[]) AS w (kid, message_id)
  CROSS JOIN LATERAL (SELECT id, kid FROM devices WHERE kid = w.kid LIMIT 1) d
  CROSS JOIN LATERAL (
    SELECT * FROM batches WHERE device_id = d.id AND message_id = w.message_id LIMIT 1) b`;

/** Finds every hour in which a sample of one of the messages was measured, and perhaps some between them. */
export async function readTouchedHours(
  queryable: Queryable,
  messages: readonly NamedMessage[],
  keyring: Keyring,
): Promise<TouchedHours> {
  const touched = new Map<string, Set<number>>();
  if (messages.length === 0) return { hours: touched, unopened: 0 };
  const names = [messages.map(({ kid }) => kid), messages.map(({ messageId }) => messageId)];
  const add = (row: Row, hours: Iterable<number>): void => {
    const patientId = row.text("patient_id");
    const known = touched.get(patientId) ?? new Set();
    for (const hour of hours) known.add(hour);
    touched.set(patientId, known);
  };
  const short = await queryable.query(
    `SELECT b.patient_id, b.start_at, b.end_at FROM ${NAMED_BATCHES}
     WHERE b.end_at - b.start_at <= $3`,
    [...names, DAY_MS],
  );
  for (const row of short.rows)
    add(row, hoursBetween(row.number("start_at"), row.number("end_at")));
  const long = await queryable.query(
    `SELECT b.patient_id, ${BATCH_COLUMNS} FROM ${NAMED_BATCHES} WHERE b.end_at - b.start_at > $3`,
    [...names, DAY_MS],
  );
  let unopened = 0;
  for (const row of long.rows) {
    const hours = await hoursIn(row, queryable, keyring);
    if (hours === undefined) unopened += 1;
    else add(row, hours);
  }
  return { hours: touched, unopened };
}

function* hoursBetween(start: number, end: number): Generator<number, void, undefined> {
  for (let hour = start - (start % HOUR_MS); hour <= end; hour += HOUR_MS) yield hour;
}

async function hoursIn(
  row: Row,
  queryable: Queryable,
  keyring: Keyring,
): Promise<ReadonlySet<number> | undefined> {
  const hours = new Set<number>();
  try {
    const cipher = await keyring.patientCipher(queryable, row.text("patient_id"));
    for (const run of openBatch(readBatch(row), { cipher, demo: null })) {
      eachSample(run, (at) => hours.add(at - (at % HOUR_MS)));
    }
    return hours;
  } catch (error) {
    // Changed in the database, or its patient is erased: whoever asks for the readings is told.
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}
