/** The number of a vital sign on the wire (protocol section 6). Closed: a number outside the table is a schema error. */
export type Kind = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11;

/** The name of a vital sign in commands, interfaces and exports (architecture section 9). */
export type KindName =
  | "heart-rate"
  | "blood-pressure"
  | "spo2"
  | "respiratory-rate"
  | "body-temperature"
  | "glucose"
  | "body-weight"
  | "rr-interval"
  | "consciousness"
  | "supplemental-oxygen"
  | "pulse-rate";

/** What is fixed about one vital sign: its names in other worlds, and how its wire integer is read. */
export interface KindInfo {
  readonly kind: Kind;
  readonly name: KindName;
  /** The LOINC code; for blood pressure that of the panel, whose components have codes of their own. */
  readonly loinc: string;
  /** The UCUM code of the clinical unit; `undefined` for consciousness, which is a code and not a quantity. */
  readonly ucum: string | undefined;
  /** The clinical unit as people read it. */
  readonly unit: string;
  /** Wire integer × scale = value in the clinical unit. 1, 0.1 or 0.01: convert with `toClinical`, which rounds cleanly. */
  readonly scale: number;
}

/** All eleven vital signs, in the order of their numbers. */
export const KINDS: readonly KindInfo[] = [
  { kind: 1, name: "heart-rate", loinc: "8867-4", ucum: "/min", unit: "/min", scale: 1 },
  { kind: 2, name: "blood-pressure", loinc: "85354-9", ucum: "mm[Hg]", unit: "mmHg", scale: 1 },
  { kind: 3, name: "spo2", loinc: "2708-6", ucum: "%", unit: "%", scale: 0.1 },
  { kind: 4, name: "respiratory-rate", loinc: "9279-1", ucum: "/min", unit: "/min", scale: 1 },
  { kind: 5, name: "body-temperature", loinc: "8310-5", ucum: "Cel", unit: "°C", scale: 0.01 },
  { kind: 6, name: "glucose", loinc: "2339-0", ucum: "mg/dL", unit: "mg/dL", scale: 0.1 },
  { kind: 7, name: "body-weight", loinc: "29463-7", ucum: "kg", unit: "kg", scale: 0.01 },
  { kind: 8, name: "rr-interval", loinc: "8637-1", ucum: "ms", unit: "ms", scale: 1 },
  { kind: 9, name: "consciousness", loinc: "67775-7", ucum: undefined, unit: "ACVPU", scale: 1 },
  {
    kind: 10,
    name: "supplemental-oxygen",
    loinc: "3151-8",
    ucum: "L/min",
    unit: "L/min",
    scale: 0.1,
  },
  { kind: 11, name: "pulse-rate", loinc: "8867-4", ucum: "/min", unit: "/min", scale: 1 },
];

const BY_NAME: ReadonlyMap<string, KindInfo> = new Map(KINDS.map((info) => [info.name, info]));

/** The ACVPU scale of kind 9: the wire value is the index of its letter (alert, confused, voice, pain, unresponsive). */
export const CONSCIOUSNESS_LEVELS: readonly ["A", "C", "V", "P", "U"] = ["A", "C", "V", "P", "U"];

/** True for a number of the table; takes anything, because kinds arrive from the wire. */
export function isKind(value: unknown): value is Kind {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 11;
}

/**
 * The facts about one vital sign.
 *
 * @throws {RangeError} when called with a number outside the table, which the type forbids.
 */
export function kindInfo(kind: Kind): KindInfo {
  const info = KINDS[kind - 1];
  if (info === undefined) throw new RangeError("kind: not in the table");
  return info;
}

/** Finds a vital sign by its name, for example a `--kind` argument; `undefined` for any other text. */
export function kindByName(name: string): KindInfo | undefined {
  return BY_NAME.get(name);
}
