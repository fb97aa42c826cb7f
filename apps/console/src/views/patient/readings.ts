import {
  readingsPath,
  samplesOfRuns,
  summaryPath,
  type ApiSample,
  type Readings,
  type Summary,
} from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useContext, useEffect, useMemo, useState } from "react";
import { valuesIn, type ShownSummary } from "../../chart/summary-data.ts";
import { callApi } from "../../client.ts";
import { StoreContext } from "../../live/use-store.ts";
import {
  addLive,
  byKind,
  messagesOf,
  withMessage,
  type ByKind,
  type LiveMessages,
} from "./live-samples.ts";
import type { LoadPlan } from "./load-plan.ts";

/** With more values than this in a long time a bar for each hour or day is shown in place of them. */
const MAX_SHOWN = 20_000;

/** The readings of one patient in one part of time: what was stored before, and what has come live since. */
export interface ShownReadings {
  readonly kinds: ByKind;
  /** In place of the samples where there are too many; what comes live is not in it. */
  readonly summaries: ReadonlyMap<KindName, ShownSummary> | undefined;
  /** When the first of them was measured, ms. */
  readonly earliest: number | undefined;
  readonly loading: boolean;
  /** What is shown is of another time, until the hospital has answered. */
  readonly behind: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

interface Stored {
  readonly plan: LoadPlan;
  readonly kinds: ByKind;
  readonly messages: ReadonlySet<string>;
  readonly summaries?: ReadonlyMap<KindName, ShownSummary>;
  readonly earliest: number | undefined;
}

/**
 * Loads a part of a patient's readings and keeps it live.
 *
 * The requests count as the page's own: a chart that goes on by itself must not keep an unattended session open (SR-17).
 */
export function useReadings(patient: string, plan: LoadPlan): ShownReadings {
  const live = useLiveMessages(patient);
  const { from, to, summary, kinds: wanted } = plan;
  const stored = useQuery({
    queryKey: ["readings", patient, from, to, summary, wanted?.join(" ")],
    queryFn: ({ signal }) => fetchStored(patient, plan, signal),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  const { data, isPending, isPlaceholderData, error, refetch } = stored;
  const kinds = useMemo(() => {
    if (data === undefined || data.summaries !== undefined) return NOTHING;
    return addLive(data, live, data.plan);
  }, [data, live]);
  return useMemo(
    () => ({
      ...{ kinds, summaries: data?.summaries, earliest: data?.earliest },
      ...{ loading: isPending, behind: isPlaceholderData, error },
      retry: () => void refetch(),
    }),
    [kinds, data, isPending, isPlaceholderData, error, refetch],
  );
}

const NOTHING: ByKind = new Map();

function useLiveMessages(patient: string): LiveMessages {
  const store = useContext(StoreContext);
  const [live, setLive] = useState<LiveMessages>(new Map());
  useEffect(() => {
    setLive(new Map());
    return store.onSamples(patient, (samples) => setLive((known) => withMessage(known, samples)));
  }, [patient, store]);
  return live;
}

/** The samples of a time, or its summary where they are too many. */
async function fetchStored(patient: string, plan: LoadPlan, signal: AbortSignal): Promise<Stored> {
  if (plan.summary !== undefined) {
    const path = summaryPath(patient, { ...plan, span: plan.summary });
    const summary = await callApi<Summary>(path, { signal });
    if (valuesIn(summary.series) > MAX_SHOWN) return storedSummary(summary, plan);
  }
  const samples = await fetchAll(patient, plan, signal);
  return {
    plan,
    kinds: byKind(samples),
    messages: messagesOf(samples),
    earliest: samples[0]?.at,
  };
}

function storedSummary({ span, series }: Summary, plan: LoadPlan): Stored {
  const summaries = new Map<KindName, ShownSummary>();
  for (const one of series) {
    const known = summaries.get(one.kind)?.series ?? [];
    summaries.set(one.kind, { span, series: [...known, one] });
  }
  const earliest = Math.min(...series.flatMap(({ start }) => start[0] ?? []));
  return { plan, kinds: NOTHING, messages: new Set(), summaries, earliest };
}

/** Reads page after page: the API gives readings oldest first, with `next` where its limit cut them short. */
async function fetchAll(
  patient: string,
  { from, to, kinds = [] }: LoadPlan,
  signal: AbortSignal,
): Promise<ApiSample[]> {
  const samples: ApiSample[] = [];
  let next: number | undefined = from;
  while (next !== undefined) {
    const page: Readings = await callApi<Readings>(
      readingsPath(patient, { from: next, to, kinds }),
      {
        signal,
      },
    );
    const end: number | undefined =
      page.next !== undefined && page.next > next ? page.next : undefined;
    // A run may reach beyond the place where the answer was cut: the next one has that part of it as well.
    for (const sample of samplesOfRuns(page.runs)) {
      if (end === undefined || sample.at < end) samples.push(sample);
    }
    next = end;
  }
  return samples;
}
