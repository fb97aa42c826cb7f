import type { Mark, PlotData } from "@siphms/web-kit";
import type { TFunction } from "i18next";
import { formatInstant, formatValue, type ShownValue } from "../format.ts";

/** Says in words what stands at one place of a chart; nothing where there is none. */
export function pointText(
  data: PlotData,
  index: number | null,
  { t, unit }: { readonly t: TFunction; readonly unit: string },
): string {
  const second = index === null ? undefined : data.at[index];
  const value = index === null ? undefined : valueAt(data, index);
  if (index === null || second === undefined || value === undefined) return "";
  const mark = markAt(data, index);
  const word = mark === undefined ? "" : `, ${t(mark)}`;
  return `${formatInstant(second * 1000)}: ${formatValue(value)} ${unit}${word}`;
}

function valueAt({ main, low, mean, hollow }: PlotData, index: number): ShownValue | undefined {
  const top = main[index] ?? hollow[index] ?? null;
  if (top === null) return undefined;
  const bottom = low[index] ?? null;
  return bottom === null ? top : [top, bottom, mean[index] ?? null];
}

function markAt({ at, hollow, marked }: PlotData, index: number): Mark | undefined {
  if (typeof hollow[index] === "number") return "quarantined";
  return marked.find((one) => one.at === at[index])?.mark;
}

/** The nearest place with a value before or after another; the same where there is none. */
export function nextPoint(data: PlotData, from: number | null, step: -1 | 1): number | null {
  const length = data.at.length;
  let index = from === null ? (step === 1 ? 0 : length - 1) : from + step;
  for (; index >= 0 && index < length; index += step) {
    if (data.main[index] !== null || data.hollow[index] !== null) return index;
  }
  return from;
}
