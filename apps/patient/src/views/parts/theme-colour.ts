import type { Kind } from "@siphms/vitals";

const CURVES: Partial<Record<Kind, string>> = {
  1: "heart",
  2: "pressure",
  3: "spo2",
  4: "respiration",
  5: "temperature",
  11: "heart",
};

/** The name of the colour of a kind's curve, as the ward has it. */
export function curveName(kind: Kind): string {
  return `curve-${CURVES[kind] ?? "other"}`;
}

/** The present theme's value of one of the app's CSS colours; a canvas can't read variables by itself. */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--siphms-${name}`).trim();
}

/** The colour of a kind's curve in the present theme. */
export function curveColour(kind: Kind): string {
  return themeColour(curveName(kind));
}
