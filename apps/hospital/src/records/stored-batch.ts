import { parseSign1, toBase64Url, type Bytes } from "@siphms/cose";
import { parseReadings, parseReceipt, samples, type Receipt, type Series } from "@siphms/messages";
import { judge, kindInfo, originName, toClinical, type WireValue } from "@siphms/vitals";
import type { ApiSample, ApiValue, DemoClock } from "@siphms/api";
import type { Row } from "../database/index.ts";
import { isLate } from "../ingest/index.ts";
import { batchCell, type PatientCipher } from "../keys/index.ts";
import { clinicalTime } from "../patients/index.ts";

/** A row of `batches` as reading needs it. */
export interface StoredBatch {
  readonly deviceId: number;
  /** The device's kid. */
  readonly kid: Bytes;
  readonly messageId: Bytes;
  readonly startAt: number;
  readonly endAt: number;
  /** Whether any sample was late at receipt. */
  readonly late: boolean;
  readonly receivedAt: number;
  readonly sealed: Bytes;
  readonly answer: Bytes;
}

/** The columns that {@link readBatch} takes, of `batches b` joined with `devices d`. */
export const BATCH_COLUMNS =
  "b.device_id, d.kid, b.message_id, b.start_at, b.end_at, b.late, b.received_at, b.sealed, b.answer";

/** Takes a row with {@link BATCH_COLUMNS}. */
export function readBatch(row: Row): StoredBatch {
  return {
    deviceId: row.number("device_id"),
    kid: row.bytes("kid"),
    messageId: row.bytes("message_id"),
    startAt: row.number("start_at"),
    endAt: row.number("end_at"),
    late: row.boolean("late"),
    receivedAt: row.number("received_at"),
    sealed: row.bytes("sealed"),
    answer: row.bytes("answer"),
  };
}

/**
 * Opens one stored batch and gives its samples as interfaces show them.
 *
 * The device's signed bytes are the record; the receipt that the hospital signed says which samples stand in quarantine.
 * Both were verified when they were stored, and the seal binds each to its row.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC` when a cell was changed or moved.
 */
export function openBatch(
  batch: StoredBatch,
  cipher: PatientCipher,
  demo: DemoClock | null,
): readonly ApiSample[] {
  const { deviceId, messageId } = batch;
  const signed = cipher.open(batchCell("sealed", deviceId, messageId), batch.sealed);
  const answer = cipher.open(batchCell("answer", deviceId, messageId), batch.answer);
  const readings = parseReadings(parseSign1(signed).payload);
  const quarantine = quarantineOf(parseReceipt(parseSign1(answer).payload));
  const describe = {
    device: toBase64Url(batch.kid),
    messageId: toBase64Url(messageId),
    lateAgainst: batch.late ? clinicalTime(demo, batch.receivedAt) : undefined,
    quarantine,
  };
  return readings.series.flatMap((series, index) => describeSeries(series, index, describe));
}

interface Description {
  readonly device: string;
  readonly messageId: string;
  /** Clinical time of receipt where lateness is to be told sample by sample. */
  readonly lateAgainst: number | undefined;
  readonly quarantine: Quarantine;
}

/** Tells why a sample stands in quarantine; `undefined` where it does not. */
type Quarantine = (series: number, sample: number) => string | undefined;

function quarantineOf(receipt: Receipt): Quarantine {
  if (receipt.outcome === 2) {
    const whole = receipt.reason;
    if (whole !== undefined) return () => whole;
  }
  const reasons = new Map<string, string>();
  for (const [series, sample, reason] of receipt.quarantined ?? []) {
    reasons.set(`${String(series)}/${String(sample)}`, reason);
  }
  return (series, sample) => reasons.get(`${String(series)}/${String(sample)}`);
}

function describeSeries(
  series: Series,
  seriesIndex: number,
  { device, messageId, lateAgainst, quarantine }: Description,
): readonly ApiSample[] {
  const { name: kind, unit } = kindInfo(series.kind);
  const origin = originName(series.origin);
  return [...samples(series)].map(({ index, at, value, status }): ApiSample => {
    const reason = quarantine(seriesIndex, index);
    const shared = { kind, at, unit, origin, device, messageId };
    if (reason !== undefined) {
      return { ...shared, value: clinical(series, value), state: "quarantined", reason };
    }
    const late = lateAgainst !== undefined && isLate(at, lateAgainst);
    const shown = withoutBadMean(series, value, status);
    return { ...shared, value: clinical(series, shown), state: late ? "late" : "stored" };
  });
}

/** A computed mean outside its pressures is not shown; it stays in the signed bytes. */
function withoutBadMean(series: Series, value: WireValue, status: number | undefined): WireValue {
  const judgement = judge(series.kind, value, status);
  return judgement.verdict === "mean-dropped" ? judgement.value : value;
}

function clinical(series: Series, value: WireValue): ApiValue {
  const converted = toClinical(series.kind, value);
  return typeof converted === "number" ? converted : [...converted];
}
