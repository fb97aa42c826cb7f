import { fromClinical, kindInfo, type Kind, toClinical, type WireValue } from "@siphms/vitals";

/** The units that a person may choose; all other kinds have one that everybody uses. */
export interface UnitPreferences {
  readonly temperature: "celsius" | "fahrenheit";
  readonly glucose: "mg/dL" | "mmol/L";
}

/** A value in the unit that the person chose: a number, or systolic, diastolic and mean. */
export type ShownValue = number | readonly [number | null, number | null, number | null];

/** Places where temperatures of the body are taken in °F. */
const FAHRENHEIT_REGIONS = new Set([
  "US",
  "PR",
  "GU",
  "VI",
  "AS",
  "MP",
  "BS",
  "BZ",
  "KY",
  "LR",
  "PW",
]);
/** Places where blood glucose is written in mg/dL; elsewhere in mmol/L. */
const MG_DL_REGIONS = new Set(
  (
    "US PR GU VI DE AT FR IT ES PT BE LU GR PL HU RO TR IL EG JO LB IQ SA AE KW OM YE SY PS LY TN DZ MA SD " +
    "JP KR IN PK ID TH PH BR MX AR CL CO PE"
  ).split(" "),
);
/** mg of glucose in a mmol, as `@siphms/gatt` reckons. */
const MG_PER_MMOL = 18.0156;

/** What people use where a locale comes from; one that names no region is taken for where its language is most at home. */
export function unitsFor(locale: string): UnitPreferences {
  const region = regionOf(locale);
  return {
    temperature: FAHRENHEIT_REGIONS.has(region) ? "fahrenheit" : "celsius",
    glucose: MG_DL_REGIONS.has(region) ? "mg/dL" : "mmol/L",
  };
}

function regionOf(locale: string): string {
  try {
    return new Intl.Locale(locale).maximize().region ?? "";
  } catch {
    // A browser's language that is none: nothing is known then.
    return "";
  }
}

/** The unit's symbol; Latin in every language, as monitors have it. Empty for consciousness, which has none. */
export function unitOf(kind: Kind, units: UnitPreferences): string {
  if (kind === 5) return units.temperature === "celsius" ? "°C" : "°F";
  if (kind === 6) return units.glucose;
  return kind === 9 ? "" : kindInfo(kind).unit;
}

/** How many decimals a value of this kind is shown with. */
export function decimalsOf(kind: Kind, units: UnitPreferences): number {
  if (kind === 5 || kind === 7 || kind === 10) return 1;
  return kind === 6 && units.glucose === "mmol/L" ? 1 : 0;
}

/** A wire value in the chosen unit, not yet rounded. @throws {RangeError} for a value not of its kind's form. */
export function toShown(kind: Kind, wire: WireValue, units: UnitPreferences): ShownValue {
  const clinical = toClinical(kind, wire);
  if (typeof clinical !== "number") return clinical;
  if (kind === 5 && units.temperature === "fahrenheit") return (clinical * 9) / 5 + 32;
  if (kind === 6 && units.glucose === "mmol/L") return clinical / MG_PER_MMOL;
  return clinical;
}

/** The wire value of what a person gave in the chosen unit. @throws {RangeError} for what its kind cannot hold. */
export function fromShown(kind: Kind, shown: ShownValue, units: UnitPreferences): WireValue {
  if (typeof shown !== "number") return fromClinical(kind, shown);
  if (kind === 5 && units.temperature === "fahrenheit")
    return fromClinical(kind, ((shown - 32) * 5) / 9);
  if (kind === 6 && units.glucose === "mmol/L") return fromClinical(kind, shown * MG_PER_MMOL);
  return fromClinical(kind, shown);
}
