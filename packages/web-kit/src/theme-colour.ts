import type { KindName } from "@siphms/vitals";

const CURVES: Partial<Record<KindName, string>> = {
  "heart-rate": "heart",
  "pulse-rate": "heart",
  spo2: "spo2",
  "blood-pressure": "pressure",
  "respiratory-rate": "respiration",
  "body-temperature": "temperature",
};

/** The name of the colour of a kind's curve, as the ward has it: `--siphms-` before it is the variable. */
export function curveName(kind: KindName): string {
  return `curve-${CURVES[kind] ?? "other"}`;
}

/** The present theme's value of one of the colours of `tokens.css`; a canvas can't read variables by itself. */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--siphms-${name}`).trim();
}

/** The colour of a kind's curve in the present theme. */
export function curveColour(kind: KindName): string {
  return themeColour(curveName(kind));
}
