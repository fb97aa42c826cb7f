import type { SensorSeries } from "@siphms/gatt";

interface Open {
  readonly first: SensorSeries;
  readonly deltas: number[];
  readonly values: SensorSeries["values"][number][];
  readonly status: number[];
  end: number;
}

/**
 * Joins series of the same kind and sensor that follow each other, so that a minute of a strap is one series and not sixty. What
 * would go back in time begins a series of its own: the wire has no negative steps.
 */
export function mergeSeries(all: readonly SensorSeries[]): readonly SensorSeries[] {
  const done: Open[] = [];
  const open = new Map<string, Open>();
  for (const series of all) {
    const key = JSON.stringify([series.kind, series.sensor ?? null, series.status === undefined]);
    const before = open.get(key);
    if (before !== undefined && series.start >= before.end) append(before, series);
    else {
      const begun: Open = { first: series, deltas: [], values: [], status: [], end: series.start };
      append(begun, series);
      open.set(key, begun);
      done.push(begun);
    }
  }
  return done.map(close);
}

function append(open: Open, series: SensorSeries): void {
  for (const index of series.values.keys()) {
    const own = series.deltas?.[index] ?? series.step ?? 0;
    const delta = index === 0 ? series.start - open.end : own;
    open.deltas.push(delta);
    open.end += delta;
  }
  open.values.push(...series.values);
  open.status.push(...(series.status ?? []));
}

function close({ first, deltas, values, status }: Open): SensorSeries {
  if (values.length === first.values.length) return first;
  const { kind, start, origin, sensor } = first;
  return {
    kind,
    start,
    deltas,
    values,
    origin,
    ...(sensor === undefined ? {} : { sensor }),
    ...(first.status === undefined ? {} : { status }),
  };
}
