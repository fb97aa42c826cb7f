import type { KindName } from "@siphms/vitals";

const CURVES: Partial<Record<KindName, string>> = {
  "heart-rate": "heart",
  "pulse-rate": "heart",
  spo2: "spo2",
  "blood-pressure": "pressure",
  "respiratory-rate": "respiration",
  "body-temperature": "temperature",
};

/** The present theme's value of one of the console's CSS colours; canvas cannot read variables by itself. */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--siphms-${name}`).trim();
}

/** The colour of a kind's curve. */
export function curveColour(kind: KindName): string {
  return themeColour(`curve-${CURVES[kind] ?? "other"}`);
}
