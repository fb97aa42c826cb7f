import { judge, type Kind, type QuarantineReason, type WireValue } from "@siphms/vitals";
import { parseNumber } from "./parse-number.ts";
import { fromShown, type ShownValue, type UnitPreferences } from "./units.ts";

/** The kinds that a person can read off a meter and type in. */
export const TYPED_KINDS = [2, 1, 3, 5, 6, 7, 4] as const satisfies readonly Kind[];

/** What a person typed: one text, or two for a blood pressure. */
export interface TypedText {
  readonly kind: Kind;
  /** The value, or the upper (systolic) pressure. */
  readonly text: string;
  /** The lower (diastolic) pressure; not looked at for other kinds. */
  readonly lower?: string;
}

/** Why what was typed cannot be taken; the last four as the hospital's own check names them. */
export type TypedFault =
  | "empty"
  | "not-a-number"
  | Extract<QuarantineReason, "no-signal" | "out-of-range" | "pressure-order" | "unit">;

/** What became of what was typed. */
export type TypedResult =
  | { readonly kind: "value"; readonly value: WireValue }
  | { readonly kind: "fault"; readonly fault: TypedFault; readonly field: "text" | "lower" };

/**
 * Checks what was typed by the same rules as the hospital does, so that a slip of the finger is asked back and not sent.
 *
 * @param units - Those in which the person types.
 */
export function checkTyped(typed: TypedText, units: UnitPreferences): TypedResult {
  const upper = readField(typed.text, "text");
  if (upper.kind === "fault") return upper;
  let shown: ShownValue = upper.number;
  if (typed.kind === 2) {
    const lower = readField(typed.lower ?? "", "lower");
    if (lower.kind === "fault") return lower;
    shown = [upper.number, lower.number, null];
  }
  const wire = fromShown(typed.kind, shown, units);
  const judgement = judge(typed.kind, wire);
  if (judgement.verdict !== "implausible") return { kind: "value", value: wire };
  const fault = faultOf(judgement.reason, { kind: typed.kind, shown, units });
  return { kind: "fault", fault, field: lowerIsWrong(typed.kind, wire) ? "lower" : "text" };
}

type Field =
  | { readonly kind: "number"; readonly number: number }
  | Extract<TypedResult, { readonly kind: "fault" }>;

function readField(text: string, field: "text" | "lower"): Field {
  if (text.trim() === "") return { kind: "fault", fault: "empty", field };
  const number = parseNumber(text);
  if (number === undefined) return { kind: "fault", fault: "not-a-number", field };
  return { kind: "number", number };
}

/** Out of range where another unit makes it plausible: most likely it was read off in that one. */
function faultOf(
  reason: QuarantineReason,
  { kind, shown, units }: { kind: Kind; shown: ShownValue; units: UnitPreferences },
): TypedFault {
  if (reason === "no-signal" || reason === "pressure-order" || reason === "unit") return reason;
  const others: UnitPreferences = {
    temperature: units.temperature === "celsius" ? "fahrenheit" : "celsius",
    glucose: units.glucose === "mg/dL" ? "mmol/L" : "mg/dL",
  };
  const isOther = judge(kind, fromShown(kind, shown, others)).verdict === "plausible";
  return isOther && (kind === 5 || kind === 6) ? "unit" : "out-of-range";
}

function lowerIsWrong(kind: Kind, wire: WireValue): boolean {
  if (kind !== 2 || typeof wire === "number") return false;
  return judge(2, [wire[0], null, null]).verdict === "plausible";
}
