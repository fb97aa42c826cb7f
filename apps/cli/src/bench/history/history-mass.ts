import type { BenchDatabase } from "../harness/bench-database.ts";

/** The rows among which those that are read stand, as in a hospital with so many. */
export interface HistoryMass {
  /** Writes all but the last day's. */
  writeMonths(): Promise<void>;
  /** Writes the rows of one minute of the last day. */
  writeMinute(start: number): Promise<void>;
  /** To be called at the end: does what autovacuum would do some time after so many rows. */
  tidy(): Promise<void>;
}

/** How many rows, and over which time they are spread evenly. */
export interface HistoryMassOptions {
  readonly rows: number;
  /** Of the last day, which is written minute by minute. */
  readonly lastDay: number;
  /** Patients that take turns. */
  readonly patients: number;
}

/** Over so much time a hospital's stored messages are spread. */
export const MASS_DAYS = 180;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Rows of one statement. */
const CHUNK = 50_000;

/**
 * Prepares rows that only have to be there: copies of one real row under the names of other devices and patients, with other
 * times and ids, and an entry of the audit log for each. What they hold is sealed for the row that it was copied from, so
 * nobody could open it; their size, their order on disk and their places in the indexes are as of rows that were ingested.
 *
 * To be called when the first real row is there.
 */
export async function createHistoryMass(
  database: BenchDatabase,
  { rows, lastDay, patients }: HistoryMassOptions,
): Promise<HistoryMass> {
  const first = lastDay - (MASS_DAYS - 1) * DAY_MS;
  const perMs = rows / (MASS_DAYS * DAY_MS);
  /** How many rows lie before a time. */
  const before = (time: number): number => Math.round((time - first) * perMs);
  await makeTemplate(database);
  const write = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n += CHUNK) {
      const values = [n, Math.min(n + CHUNK, to) - 1, first, 1 / perMs, patients];
      await database.query(COPY_ROWS, values);
    }
  };
  return {
    async writeMonths() {
      const months = new Set<string>();
      for (let at = first; at < lastDay + DAY_MS; at += DAY_MS) {
        months.add(new Date(at).toISOString().slice(0, 7));
      }
      for (const month of months) {
        await database.query("SELECT make_batches_month($1::date)", [`${month}-01`]);
      }
      await write(0, before(lastDay));
    },
    writeMinute: (start) => write(before(start), before(start + MINUTE_MS)),
    async tidy() {
      await database.query("RESET synchronous_commit");
      await database.query("VACUUM (ANALYZE) batches");
      await database.query("VACUUM (ANALYZE) audit_events");
    },
  };
}

/** Its own table, so that the planner does not look for the real row again and again. */
async function makeTemplate(database: BenchDatabase): Promise<void> {
  // Of this session alone: a crash would lose rows that only have to be there.
  await database.query("SET synchronous_commit = off");
  await database.query("CREATE TEMPORARY TABLE template AS SELECT * FROM batches LIMIT 1");
}

/** Row n belongs to patient n modulo their number, and to time first + n × distance. */
const COPY_ROWS = `
  WITH made AS (
    SELECT n, $5 + n % $5 AS device, time.at,
      substring(int8send(time.at) FROM 3) || substring(uuid_send(gen_random_uuid()) FOR 10) AS id
    FROM generate_series($1::bigint, $2::bigint) AS n,
      LATERAL (SELECT ($3::bigint + n * $4::double precision)::bigint AS at) AS time
  ), stored AS (
    INSERT INTO batches (device_id, message_id, patient_id, start_at, end_at, kinds, samples, quarantined, late, outcome,
      reason, received_at, name, sealed, answer, hospital_key)
    SELECT 1000000 + made.device, made.id, md5(made.device::text)::uuid, made.at - 59000, made.at, kinds, samples, 0, false, 0,
      NULL, made.at + 50, sha256(made.id), sealed, answer, hospital_key
    FROM made, template ORDER BY made.n
  )
  INSERT INTO audit_events (at, event, actor, subject, object, action, outcome, detail, entry)
  SELECT made.at + 50, 'readings.stored', 'device:' || lpad(to_hex(made.device), 16, 'f'), md5(made.device::text)::uuid,
    encode(made.id, 'hex'), 'create', 'done', '{}'::jsonb, ''
  FROM made ORDER BY made.n`;
