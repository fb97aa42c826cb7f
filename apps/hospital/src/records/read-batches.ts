import type { Bytes } from "@siphms/cose";
import { kindByName } from "@siphms/vitals";
import type { Queryable } from "../database/index.ts";
import type { Decisions } from "./decisions.ts";
import { cutRun, type OpenedRun } from "./opened-run.ts";
import {
  BATCH_COLUMNS,
  openBatch,
  readBatch,
  type BatchContext,
  type StoredBatch,
} from "./stored-batch.ts";

/** Where a patient's stored messages come from, and what opens them. */
export interface BatchSource extends BatchContext {
  readonly queryable: Queryable;
  readonly patientId: string;
  readonly decisions: Decisions;
}

/** Samples in a range of time: `from` included, `to` not. */
export interface BatchRange {
  readonly from: number;
  readonly to: number;
  /** Names of kinds; all when left out. */
  readonly kinds?: readonly string[];
}

/** Samples of one message, without its sealed bytes: a long answer must not keep those alive. */
export interface FoundRun {
  readonly message: { readonly kid: Bytes; readonly messageId: Bytes };
  readonly run: OpenedRun;
}

/** Some of a patient's samples in a range. */
export interface BatchPage {
  readonly runs: readonly FoundRun[];
  /** How many messages were opened for it. */
  readonly opened: number;
  /** No later page holds a sample before this time; infinite with the last one. */
  readonly settledUntil: number;
}

/** A batch that is longer than this is found by its end; all others by their start, this much before what is wanted. */
export const LONG_BATCH_MS = 86_400_000;
/** Opened in one go: some milliseconds in which nothing else is done. */
const PAGE = 400;
const ALL_KINDS = 0xffff_ffff >>> 1;

/**
 * Goes through a patient's messages that hold samples of a range, in the order of their starts.
 *
 * The next page is being read while one is opened. Stop when you have enough: what was not asked for is not opened.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC` when a cell was changed or moved.
 */
export async function* readBatches(
  source: BatchSource,
  range: BatchRange,
): AsyncGenerator<BatchPage, void, undefined> {
  const open = createOpener(source, range);
  const long = await readLong(source, range);
  if (long.length > 0) yield { ...open(long), settledUntil: Number.NEGATIVE_INFINITY };
  let pending: Promise<readonly StoredBatch[]> | undefined = readPage(source, range, undefined);
  while (pending !== undefined) {
    const batches: readonly StoredBatch[] = await pending;
    const last = batches.length === PAGE ? batches.at(-1) : undefined;
    pending = last === undefined ? undefined : readPage(source, range, last);
    // Whoever stops here, or finds a cell that does not open, never asks what became of it.
    pending?.catch(() => undefined);
    yield { ...open(batches), settledUntil: last?.startAt ?? Number.POSITIVE_INFINITY };
  }
}

type Opened = Omit<BatchPage, "settledUntil">;

function createOpener(
  source: BatchSource,
  { from, to, kinds }: BatchRange,
): (batches: readonly StoredBatch[]) => Opened {
  const wanted = kindMask(kinds);
  return (batches) => {
    const runs: FoundRun[] = [];
    for (const batch of batches) {
      const { kid, messageId } = batch;
      const message = { kid, messageId };
      for (const run of openBatch(batch, source)) {
        const cut = (wanted & (1 << run.kind)) === 0 ? undefined : cutRun(run, from, to);
        if (cut !== undefined) runs.push({ message, run: cut });
      }
    }
    return { runs, opened: batches.length };
  };
}

async function readPage(
  { queryable, patientId }: BatchSource,
  range: BatchRange,
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
      after?.startAt ?? range.from - LONG_BATCH_MS,
      range.to,
      range.from,
      kindMask(range.kinds),
      after?.startAt ?? -1,
      after?.deviceId ?? -1,
      after?.messageId ?? new Uint8Array(0),
    ],
  );
  return rows.map(readBatch);
}

async function readLong(
  { queryable, patientId }: BatchSource,
  range: BatchRange,
): Promise<readonly StoredBatch[]> {
  const { rows } = await queryable.query(
    `SELECT ${BATCH_COLUMNS} FROM batches b JOIN devices d ON d.id = b.device_id
     WHERE b.patient_id = $1 AND b.end_at - b.start_at > 86400000 AND b.end_at >= $2
       AND b.start_at < $3 AND b.outcome < 3 AND b.kinds & $4 <> 0`,
    [patientId, range.from, range.from - LONG_BATCH_MS, kindMask(range.kinds)],
  );
  return rows.map(readBatch);
}

/** Bit k for kind k, as `batches.kinds` has it. */
function kindMask(kinds: readonly string[] | undefined): number {
  if (kinds === undefined) return ALL_KINDS;
  return kinds.reduce((mask, name) => {
    const info = kindByName(name);
    return info === undefined ? mask : mask | (1 << info.kind);
  }, 0);
}
