import type { LimitRule } from "@siphms/alerts";
import { kindByName, type KindName } from "@siphms/vitals";

/** One number that can be watched: a kind's only one, or one of a blood pressure. */
export type WatchedNumber = Pick<LimitRule, "kind" | "part">;

/** In the ward's order, as the charts stand. */
const NUMBERS: readonly WatchedNumber[] = [
  { kind: "heart-rate", part: "value" },
  { kind: "pulse-rate", part: "value" },
  { kind: "blood-pressure", part: "systolic" },
  { kind: "blood-pressure", part: "diastolic" },
  { kind: "blood-pressure", part: "mean" },
  { kind: "spo2", part: "value" },
  { kind: "respiratory-rate", part: "value" },
  { kind: "body-temperature", part: "value" },
  { kind: "glucose", part: "value" },
  { kind: "body-weight", part: "value" },
  { kind: "supplemental-oxygen", part: "value" },
  { kind: "consciousness", part: "value" },
  { kind: "rr-interval", part: "value" },
];

/** Every number that can be watched. */
export const WATCHED_NUMBERS = NUMBERS;
/** Every kind that can be watched. */
export const WATCHED_KINDS: readonly KindName[] = [...new Set(NUMBERS.map(({ kind }) => kind))];

/** One name for each number. */
export function keyOfNumber({ kind, part }: WatchedNumber): string {
  return `${kind}/${part}`;
}

/** Rules in the order in which charts stand. */
export function inOrder<Rule extends WatchedNumber>(rules: readonly Rule[]): readonly Rule[] {
  const places = new Map(NUMBERS.map((number, place) => [keyOfNumber(number), place]));
  const placeOf = (rule: Rule): number => places.get(keyOfNumber(rule)) ?? NUMBERS.length;
  return rules.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** The limits of each number that has some. */
export function byNumber(
  limits: readonly LimitRule[],
): readonly { readonly number: WatchedNumber; readonly limits: readonly LimitRule[] }[] {
  const found = new Map<string, { number: WatchedNumber; limits: LimitRule[] }>();
  for (const rule of inOrder(limits)) {
    const key = keyOfNumber(rule);
    const known = found.get(key) ?? { number: { kind: rule.kind, part: rule.part }, limits: [] };
    known.limits.push(rule);
    found.set(key, known);
  }
  return [...found.values()];
}

/** The unit as people read it; none for consciousness, which is a word. */
export function unitOf(kind: KindName): string {
  return kind === "consciousness" ? "" : (kindByName(kind)?.unit ?? "");
}
