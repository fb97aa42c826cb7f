import type { ApiSample, DemoClock } from "@siphms/api";
import { kindByName } from "@siphms/vitals";
import type { Queryable, Row } from "../database/index.ts";
import type { PatientCipher } from "../keys/index.ts";
import { BATCH_COLUMNS, openBatch, readBatch, type StoredBatch } from "./stored-batch.ts";

/** What of a patient's readings is wanted: `from` included, `to` not. */
export interface RangeQuery {
  readonly from: number;
  readonly to: number;
  /** Names of kinds; all when left out. */
  readonly kinds?: readonly string[];
  readonly limit: number;
}

/** Samples in time order, and where to go on when the limit cut them short. */
export interface RangeAnswer {
  readonly samples: readonly ApiSample[];
  readonly next?: number;
}

/** A batch that is longer than this is found by its end; all others by their start, this much before what is wanted. */
const LONG_BATCH_MS = 86_400_000;
const PAGE = 200;
const ALL_KINDS = 0xffff_ffff >>> 1;

interface Source {
  readonly queryable: Queryable;
  readonly cipher: PatientCipher;
  readonly patientId: string;
  readonly demo: DemoClock | null;
}

/**
 * Reads a patient's samples in a range of time.
 *
 * Goes through the batches in the order of their start and stops as soon as no later batch can hold an earlier sample than
 * the limit allows: a long range costs no more than the answer.
 */
export async function readRange(source: Source, query: RangeQuery): Promise<RangeAnswer> {
  const wanted = query.kinds === undefined ? undefined : new Set(query.kinds);
  const found: ApiSample[] = [];
  const take = (batches: readonly StoredBatch[]): void => {
    for (const batch of batches) {
      for (const sample of openBatch(batch, source.cipher, source.demo)) {
        const isWanted = wanted === undefined || wanted.has(sample.kind);
        if (isWanted && sample.at >= query.from && sample.at < query.to) found.push(sample);
      }
    }
  };
  take(await readLongBatches(source, query));
  let after: StoredBatch | undefined;
  for (;;) {
    const page = await readPage(source, query, after);
    take(page);
    after = page.at(-1);
    const settledUntil =
      after === undefined || page.length < PAGE ? Number.POSITIVE_INFINITY : after.startAt;
    const answer = cut(found, query.limit, settledUntil);
    if (answer !== undefined) return answer;
  }
}

/**
 * The answer, once it is complete: `settledUntil` is the time before which no further sample can come.
 * Samples of one instant are never torn apart, so that going on at `next` neither repeats nor loses one.
 */
function cut(found: ApiSample[], limit: number, settledUntil: number): RangeAnswer | undefined {
  found.sort(byTime);
  const beyond = found[limit];
  if (beyond === undefined) {
    return settledUntil === Number.POSITIVE_INFINITY ? { samples: found } : undefined;
  }
  const next = found[0]?.at === beyond.at ? beyond.at + 1 : beyond.at;
  if (next > settledUntil) return undefined;
  const samples = found.filter((sample) => sample.at < next);
  return samples.length === found.length && settledUntil === Number.POSITIVE_INFINITY
    ? { samples }
    : { samples, next };
}

function byTime(a: ApiSample, b: ApiSample): number {
  return a.at - b.at || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0);
}

async function readPage(
  { queryable, patientId }: Source,
  query: RangeQuery,
  after: StoredBatch | undefined,
): Promise<readonly StoredBatch[]> {
  const { rows } = await queryable.query(
    `SELECT ${BATCH_COLUMNS} FROM batches b JOIN devices d ON d.id = b.device_id
     WHERE b.patient_id = $1 AND b.start_at >= $2 AND b.start_at < $3 AND b.end_at >= $4
       AND b.outcome < 3 AND b.kinds & $5 <> 0
       AND (b.start_at, b.device_id, b.message_id) > ($6, $7, $8)
     ORDER BY b.start_at, b.device_id, b.message_id LIMIT ${String(PAGE)}`,
    [
      patientId,
      query.from - LONG_BATCH_MS,
      query.to,
      query.from,
      kindMask(query.kinds),
      after?.startAt ?? -1,
      after?.deviceId ?? -1,
      after?.messageId ?? new Uint8Array(0),
    ],
  );
  return rows.map((row: Row) => readBatch(row));
}

async function readLongBatches(
  { queryable, patientId }: Source,
  query: RangeQuery,
): Promise<readonly StoredBatch[]> {
  const { rows } = await queryable.query(
    `SELECT ${BATCH_COLUMNS} FROM batches b JOIN devices d ON d.id = b.device_id
     WHERE b.patient_id = $1 AND b.end_at - b.start_at > 86400000 AND b.end_at >= $2
       AND b.start_at < $3 AND b.outcome < 3 AND b.kinds & $4 <> 0`,
    [patientId, query.from, query.from - LONG_BATCH_MS, kindMask(query.kinds)],
  );
  return rows.map((row: Row) => readBatch(row));
}

/** Bit k for kind k, as `batches.kinds` has it. */
function kindMask(kinds: readonly string[] | undefined): number {
  if (kinds === undefined) return ALL_KINDS;
  return kinds.reduce((mask, name) => {
    const info = kindByName(name);
    return info === undefined ? mask : mask | (1 << info.kind);
  }, 0);
}
