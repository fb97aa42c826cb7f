import type { Kind, Origin, WireValue } from "@siphms/vitals";
import { originName } from "@siphms/vitals";
import type { Mark, PlotPoint } from "@siphms/web-kit";
import { toShown, type UnitPreferences } from "./units.ts";

/** One value as the record shows it. */
export interface ShownSample {
  readonly kind: Kind;
  readonly at: number;
  readonly value: WireValue;
  readonly origin: Origin;
  /** Why it stands in quarantine, where it does. */
  readonly held?: string;
}

/** The values of a chart in the person's own units, each with what is to be said of it. */
export function plotPoints(samples: readonly ShownSample[], units: UnitPreferences): PlotPoint[] {
  return samples.map((sample) => ({
    at: sample.at,
    value: toShown(sample.kind, sample.value, units),
    mark: markOf(sample),
  }));
}

function markOf({ origin, held }: ShownSample): Mark | undefined {
  if (held !== undefined) return "quarantined";
  const name = originName(origin);
  return name === "sensor" ? undefined : name;
}
