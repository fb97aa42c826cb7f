import { arrayOf, decodeRecord, encodeRecord, numberOf } from "./record-codec.ts";
import { corrupt, type PlainOperation, type SealedStore } from "./sealed-store.ts";
import type { DeviceTotals } from "./status.ts";

const TOTALS_ENTRY = "totals";

/** The counters, and when the last receipt came that freed something. */
export interface Totals {
  readonly counters: DeviceTotals;
  /** ms, this device's clock. */
  readonly lastReceiptAt?: number;
}

/** The counters of a device that has measured nothing. */
export const NO_TOTALS: Totals = {
  counters: {
    recordedItems: 0,
    recordedSamples: 0,
    receiptedItems: 0,
    receiptedSamples: 0,
    quarantinedSamples: 0,
    refusedItems: 0,
  },
};

/** The change of the store that keeps the counters. */
export function totalsOperation({ counters, lastReceiptAt }: Totals): PlainOperation {
  const counts = [
    counters.recordedItems,
    counters.recordedSamples,
    counters.receiptedItems,
    counters.receiptedSamples,
    counters.quarantinedSamples,
    counters.refusedItems,
  ];
  return { kind: "put", name: TOTALS_ENTRY, plain: encodeRecord([1, counts], [2, lastReceiptAt]) };
}

/**
 * Loads the counters.
 *
 * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`.
 */
export async function loadTotals(store: SealedStore): Promise<Totals> {
  const plain = await store.get(TOTALS_ENTRY);
  if (plain === undefined) return NO_TOTALS;
  const record = decodeRecord(plain);
  const counts = arrayOf(record.get(1)).map(numberOf);
  if (counts.length !== 6) throw corrupt();
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = counts;
  const counters = {
    recordedItems: a,
    recordedSamples: b,
    receiptedItems: c,
    receiptedSamples: d,
    quarantinedSamples: e,
    refusedItems: f,
  };
  const lastReceiptAt = record.get(2);
  return lastReceiptAt === undefined
    ? { counters }
    : { counters, lastReceiptAt: numberOf(lastReceiptAt) };
}
