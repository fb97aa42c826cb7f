import { GattError } from "./gatt-error.ts";
import type { MedicalFloat } from "./medical-float.ts";
import {
  hasBit,
  type Layout,
  octetsOf,
  openFlagged,
  receivedOf,
  type Received,
  tooShort,
  type Value,
} from "./octets.ts";

/**
 * One record of a CGM Measurement (0x2AA7).
 *
 * Glucose in interstitial fluid, not in blood, and so no reading of kind 6.
 */
export interface CgmRecord extends Received {
  readonly type: "cgm";
  readonly flags: number;
  readonly glucoseMgDl: MedicalFloat;
  /** Since the session start. */
  readonly minutes: number;
  /**
   * The status octets that came, by the flag bit that announced each. Sources disagree which octet means what; only where
   * all three are there, `status` is certain.
   */
  readonly statusOctets: Readonly<Partial<Record<5 | 6 | 7, number>>>;
  /** 24 bits, the octet of flag bit 5 lowest; `undefined` unless all three octets came. */
  readonly status: number | undefined;
  readonly trendMgDlPerMinute: MedicalFloat | undefined;
  readonly qualityPercent: MedicalFloat | undefined;
}

const TREND = 0;
const QUALITY = 1;
const STATUS_BITS = [5, 6, 7] as const;
const CRC_OCTETS = 2;
const SMALLEST_RECORD = 6;
/** Of a record without its first octet, the size. */
const LAYOUT: Layout = {
  base: SMALLEST_RECORD - 1,
  optional: [
    [5, 1],
    [6, 1],
    [7, 1],
    [TREND, 2],
    [QUALITY, 2],
  ],
  known: 0b11100011,
};

/**
 * Reads a CGM Measurement: one record or several, each with its own size in front.
 *
 * @param options.hasCrc - Bit 12 of the sensor's CGM Feature: each record then ends in its checksum.
 * @returns At least one record.
 * @throws {GattError} `GATT_TOO_SHORT` for a value or a record that is cut off, `GATT_VALUE` for a size below 6,
 *   `GATT_CHECKSUM`. One bad record refuses the value: what stands behind it cannot be trusted to begin where it says.
 */
export function decodeCgm(
  value: Value,
  options: { readonly hasCrc: boolean },
): readonly CgmRecord[] {
  const octets = octetsOf(value);
  if (octets.length === 0) throw tooShort(SMALLEST_RECORD, 0);
  const records: CgmRecord[] = [];
  for (let at = 0; at < octets.length;) {
    const size = octets[at] ?? 0;
    if (size < SMALLEST_RECORD) throw new GattError("GATT_VALUE", "a record's size is below 6");
    if (at + size > octets.length) throw tooShort(at + size, octets.length);
    records.push(decodeRecord(octets.subarray(at, at + size), options.hasCrc));
    at += size;
  }
  return records;
}

function decodeRecord(record: Uint8Array<ArrayBuffer>, hasCrc: boolean): CgmRecord {
  const fields = record.subarray(1, record.length - (hasCrc ? CRC_OCTETS : 0));
  const opened = openFlagged(fields, LAYOUT);
  if (hasCrc) checkCrc(record);
  const { flags, reader } = opened;
  const glucoseMgDl = reader.sfloat();
  const minutes = reader.uint16();
  const statusOctets: Partial<Record<5 | 6 | 7, number>> = {};
  for (const bit of STATUS_BITS) if (hasBit(flags, bit)) statusOctets[bit] = reader.uint8();
  return {
    type: "cgm",
    flags,
    glucoseMgDl,
    minutes,
    statusOctets,
    status: wholeStatus(statusOctets),
    trendMgDlPerMinute: hasBit(flags, TREND) ? reader.sfloat() : undefined,
    qualityPercent: hasBit(flags, QUALITY) ? reader.sfloat() : undefined,
    ...receivedOf(fields, opened),
    octets: octetsOf(record),
  };
}

function wholeStatus({ 5: first, 6: second, 7: third }: CgmRecord["statusOctets"]) {
  if (first === undefined || second === undefined || third === undefined) return undefined;
  return first + second * 0x100 + third * 0x10000;
}

function checkCrc(record: Uint8Array): void {
  const end = record.length - CRC_OCTETS;
  const sent = (record[end] ?? 0) + (record[end + 1] ?? 0) * 0x100;
  if (crcOf(record.subarray(0, end)) !== sent)
    throw new GattError("GATT_CHECKSUM", "a record's checksum is wrong");
}

/** CRC-16/MCRF4XX: polynomial 0x1021 reflected, start 0xFFFF, no final XOR. */
export function crcOf(octets: Uint8Array): number {
  let crc = 0xffff;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  }
  return crc;
}
