import type { DemoClock } from "@siphms/api";
import { payloadOfSign1, type Bytes } from "@siphms/cose";
import { parseReadings, parseReceipt, type Readings, type Receipt } from "@siphms/messages";
import type { Row } from "../database/index.ts";
import { batchCell, type PatientCipher } from "../keys/index.ts";
import { clinicalTime } from "../patients/index.ts";
import type { Decisions } from "./decisions.ts";
import { runsOf, type OpenedRun, type Quarantine } from "./opened-run.ts";

/** A row of `batches` as reading needs it. */
export interface StoredBatch {
  readonly deviceId: number;
  /** The device's kid. */
  readonly kid: Bytes;
  readonly messageId: Bytes;
  readonly startAt: number;
  /** When it came, ms. */
  readonly receivedAt: number;
  /** Whether any good sample was late then. */
  readonly late: boolean;
  readonly sealed: Bytes;
  readonly answer: Bytes;
}

/** The columns that {@link readBatch} takes, of `batches b` joined with `devices d`. */
export const BATCH_COLUMNS = `b.device_id, d.kid, b.message_id, b.start_at, b.received_at, b.late,
  b.sealed, b.answer`;

/** Takes a row with {@link BATCH_COLUMNS}. */
export function readBatch(row: Row): StoredBatch {
  return {
    deviceId: row.number("device_id"),
    kid: row.bytes("kid"),
    messageId: row.bytes("message_id"),
    startAt: row.number("start_at"),
    receivedAt: row.number("received_at"),
    late: row.boolean("late"),
    sealed: row.bytes("sealed"),
    answer: row.bytes("answer"),
  };
}

/** What a patient's batches are opened with. */
export interface BatchContext {
  readonly cipher: PatientCipher;
  readonly demo: DemoClock | null;
  /** Left out: nothing counts as released. */
  readonly decisions?: Decisions;
}

/** A stored batch with its seals off: what the device and what the hospital signed. */
export interface OpenedBatch {
  readonly signed: Bytes;
  readonly answer: Bytes;
  readonly readings: Readings;
  readonly receipt: Receipt;
}

/**
 * Opens one stored batch.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC` when a cell was changed or moved.
 */
export function unsealBatch(batch: StoredBatch, cipher: PatientCipher): OpenedBatch {
  const cell = batchCell("sealed", batch.deviceId, batch.messageId);
  const signed = cipher.open(cell, batch.sealed);
  const answer = cipher.open({ ...cell, column: "answer" }, batch.answer);
  return {
    signed,
    answer,
    readings: parseReadings(payloadOfSign1(signed)),
    receipt: parseReceipt(payloadOfSign1(answer)),
  };
}

/**
 * Opens one stored batch and gives its samples, in the order of the wire.
 *
 * The device's signed bytes are the record; the receipt that the hospital signed says which samples stand in quarantine,
 * and a doctor's decision which of them count all the same. The first two were verified when they were stored, and the
 * seal binds each to its row.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC` when a cell was changed or moved.
 */
export function openBatch(batch: StoredBatch, context: BatchContext): readonly OpenedRun[] {
  return samplesOf(batch, unsealBatch(batch, context.cipher), context);
}

/** The samples of a batch that was opened with {@link unsealBatch}, as {@link openBatch} gives them. */
export function samplesOf(
  batch: StoredBatch,
  { readings, receipt }: Pick<OpenedBatch, "readings" | "receipt">,
  context: Omit<BatchContext, "cipher">,
): readonly OpenedRun[] {
  const quarantine = quarantineOf(receipt);
  const received = clinicalTime(context.demo, batch.receivedAt);
  const decide = context.decisions?.of(batch);
  return readings.series.flatMap((series, index) =>
    runsOf(series, {
      lateAgainst: batch.late ? received : undefined,
      quarantine: quarantine(index),
      ...(decide === undefined ? {} : { decided: { decide, lateAgainst: received } }),
    }),
  );
}

/** Tells which samples of a series stand in quarantine; `undefined` where none does. */
function quarantineOf(receipt: Receipt): (series: number) => Quarantine | undefined {
  if (receipt.outcome === 2) {
    const whole = receipt.reason;
    if (whole !== undefined) return () => () => whole;
  }
  if (receipt.quarantined === undefined) return () => undefined;
  const bySeries = new Map<number, Map<number, string>>();
  for (const [series, sample, reason] of receipt.quarantined) {
    const reasons = bySeries.get(series) ?? new Map<number, string>();
    bySeries.set(series, reasons.set(sample, reason));
  }
  return (series) => {
    const reasons = bySeries.get(series);
    return reasons === undefined ? undefined : (sample) => reasons.get(sample);
  };
}
