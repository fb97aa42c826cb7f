import type { SummarySpan } from "@siphms/api";
import { decodeCbor, encodeCbor, isCborArray, type Bytes, type CborValue } from "@siphms/cose";
import { isKind } from "@siphms/vitals";
import type { Cell, PatientCipher } from "../keys/index.ts";
import { joinTallies, type Part, type Tallies, type Tally } from "./tally.ts";

/** One period of one patient. */
export interface Period {
  readonly patientId: string;
  readonly span: SummarySpan;
  /** Its beginning, ms. */
  readonly start: number;
}

const VERSION = 1;
/** Of a tally without good values, and of one with them: see {@link encode}. */
const BAD_COLUMNS = 3;
const ALL_COLUMNS = 12;

/** Seals what a period holds, under the patient's data key and for that period's row alone. */
export function sealSummary(cipher: PatientCipher, period: Period, tallies: Tallies): Bytes {
  return cipher.seal(cellOf(period), encodeCbor([VERSION, ...[...tallies.values()].map(encode)]));
}

/**
 * Opens what {@link sealSummary} made for the same patient and period.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC` when the cell was changed or moved.
 * @throws {TypeError} when it was sealed here, but in another form.
 */
export function openSummary(cipher: PatientCipher, period: Period, sealed: Uint8Array): Tallies {
  const content = decodeCbor(cipher.open(cellOf(period), sealed));
  if (!isCborArray(content) || content[0] !== VERSION) throw unreadable();
  return joinTallies(content.slice(1).map(decode));
}

/** The period's beginning is of fixed length, so that no two periods have one name. */
function cellOf({ patientId, span, start }: Period): Cell {
  const at = start.toString(16).padStart(14, "0");
  return { table: "summaries", column: "sealed", row: `${patientId}/${span}/${at}` };
}

function encode({ kind, part, quarantined, values }: Tally): readonly number[] {
  if (values === undefined) return [kind, part, quarantined];
  const { count, late, min, max, sum, firstAt, first, lastAt, last } = values;
  return [kind, part, quarantined, count, late, min, max, sum, firstAt, first, lastAt, last];
}

function decode(value: CborValue): Tally {
  const numbers = readNumbers(value);
  const [kind, part] = numbers;
  if (!isKind(kind) || !isPart(part)) throw unreadable();
  const at = (place: number): number => numbers[place] ?? Number.NaN;
  const tally = { kind, part, quarantined: at(2) };
  if (numbers.length === BAD_COLUMNS) return tally;
  const [count, late, min, max, sum] = [at(3), at(4), at(5), at(6), at(7)];
  const [firstAt, first, lastAt, last] = [at(8), at(9), at(10), at(11)];
  const values = { count, late, min, max, sum, firstAt, first, lastAt, last };
  return { ...tally, values };
}

function readNumbers(value: CborValue): readonly number[] {
  const isRow = isCborArray(value) && value.every((one) => typeof one === "number");
  if (!isRow || (value.length !== BAD_COLUMNS && value.length !== ALL_COLUMNS)) throw unreadable();
  return value;
}

function isPart(value: unknown): value is Part {
  return value === 0 || value === 1 || value === 2;
}

function unreadable(): TypeError {
  return new TypeError("a sealed summary has another form than this release's");
}
