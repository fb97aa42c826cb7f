import {
  readingsPath,
  samplesOfRuns,
  summaryPath,
  type ApiSample,
  type Readings,
  type Summary,
  type SummarySpan,
} from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { useQuery } from "@tanstack/react-query";
import { useContext, useEffect, useMemo, useState } from "react";
import { valuesIn, type ShownSummary } from "../../chart/summary-data.ts";
import { callApi } from "../../client.ts";
import { StoreContext } from "../../live/use-store.ts";

/** A span of time to show, counted back from the patient's clinical time; `undefined` is everything. */
export const RANGES = {
  "1h": 3_600_000,
  "6h": 6 * 3_600_000,
  "24h": 24 * 3_600_000,
  "7d": 7 * 24 * 3_600_000,
  "30d": 30 * 24 * 3_600_000,
  All: undefined,
} as const;

/** Name of one span. */
export type RangeName = keyof typeof RANGES;

/** More values than this make a page slow and no chart clearer; the newest are kept. */
export const MAX_SHOWN = 20_000;

/** Spans in which a patient may have millions of values: with more than {@link MAX_SHOWN} their summaries are shown. */
const LONG: Readonly<Partial<Record<RangeName, SummarySpan>>> = {
  "7d": "hour",
  "30d": "hour",
  All: "day",
};

/** The samples of one patient in one span: what was stored before, and what has come live since. */
export interface ShownReadings {
  readonly byKind: ReadonlyMap<KindName, readonly ApiSample[]>;
  /** In place of the samples where there are too many; what comes live is not in it. */
  readonly summaries: ReadonlyMap<KindName, ShownSummary> | undefined;
  readonly total: number;
  readonly truncated: boolean;
  readonly loading: boolean;
  readonly error: Error | null;
}

/** Reads page after page: the API gives readings oldest first, with `next` where its limit cut them short. */
async function fetchAll(
  patient: string,
  { from, to }: { readonly from: number; readonly to: number },
  signal: AbortSignal,
): Promise<ApiSample[]> {
  const samples: ApiSample[] = [];
  let next: number | undefined = from;
  while (next !== undefined) {
    const page: Readings = await callApi<Readings>(readingsPath(patient, { from: next, to }), {
      signal,
    });
    for (const sample of samplesOfRuns(page.runs)) samples.push(sample);
    next = page.next !== undefined && page.next > next ? page.next : undefined;
  }
  return samples;
}

interface Stored {
  readonly samples: readonly ApiSample[];
  readonly summary?: Summary;
}

/** The samples of a span, or its summary where they are too many. */
async function fetchStored(
  patient: string,
  span: { readonly from: number; readonly to: number; readonly range: RangeName },
  signal: AbortSignal,
): Promise<Stored> {
  const long = LONG[span.range];
  if (long !== undefined) {
    const path = summaryPath(patient, { from: span.from, to: span.to, span: long });
    const summary = await callApi<Summary>(path, { signal });
    if (valuesIn(summary.series) > MAX_SHOWN) return { samples: [], summary };
  }
  return { samples: await fetchAll(patient, span, signal) };
}

function summariesByKind({ span, series }: Summary): Map<KindName, ShownSummary> {
  const byKind = new Map<KindName, ShownSummary>();
  for (const one of series) {
    const known = byKind.get(one.kind)?.series ?? [];
    byKind.set(one.kind, { span, series: [...known, one] });
  }
  return byKind;
}

function sampleKey(sample: ApiSample): string {
  return `${sample.device} ${sample.messageId} ${sample.kind} ${sample.at}`;
}

function group(samples: readonly ApiSample[]): Map<KindName, ApiSample[]> {
  const byKind = new Map<KindName, ApiSample[]>();
  for (const sample of samples) {
    const list = byKind.get(sample.kind);
    if (list === undefined) byKind.set(sample.kind, [sample]);
    else list.push(sample);
  }
  return byKind;
}

/**
 * Loads a span of a patient's readings and keeps it live.
 *
 * @param to - End of the span when the page was opened, ms; live samples come after it or fill what was late.
 */
export function useReadings(patient: string, range: RangeName, to: number): ShownReadings {
  const store = useContext(StoreContext);
  const [live, setLive] = useState<readonly ApiSample[]>([]);
  const span = RANGES[range];
  const from = span === undefined ? 0 : Math.max(0, Math.floor(to - span));

  useEffect(() => {
    setLive([]);
    return store.onSamples(patient, (samples) => setLive((known) => [...known, ...samples]));
  }, [patient, store]);

  const stored = useQuery({
    queryKey: ["readings", patient, from, to],
    // A device's clock may be up to a minute ahead of the end.
    queryFn: ({ signal }) =>
      fetchStored(patient, { from, to: Math.ceil(to) + 60_000, range }, signal),
    staleTime: Infinity,
    gcTime: 0,
  });

  const samples = useMemo(() => {
    if (stored.data?.summary !== undefined) return [];
    const all = new Map(stored.data?.samples.map((sample) => [sampleKey(sample), sample]));
    for (const sample of live) if (sample.at >= from) all.set(sampleKey(sample), sample);
    return [...all.values()].sort((a, b) => a.at - b.at);
  }, [stored.data, live, from]);

  return useMemo(
    () => ({
      byKind: group(samples.slice(-MAX_SHOWN)),
      summaries: stored.data?.summary && summariesByKind(stored.data.summary),
      total: samples.length,
      truncated: samples.length > MAX_SHOWN,
      loading: stored.isPending,
      error: stored.error,
    }),
    [samples, stored.data, stored.isPending, stored.error],
  );
}
