import { kindInfo } from "@siphms/vitals";

import type { OperatorClient } from "../installation/operator-client.ts";
import { forEachBounded } from "./bounded.ts";
import { decodePosition } from "./bookmark.ts";
import { sampleTime } from "./clinical-clock.ts";
import type { ConsoleClient } from "./console-client.ts";
import type { PlayingPatient } from "./demo.ts";
import type { Latencies } from "./latencies.ts";

/** What `up --smoke` prints; counts in samples. */
export interface Summary {
  readonly sent: number;
  /** What the hospital holds, quarantine included. */
  readonly stored: number;
  readonly receipted: number;
  /** What the doctor's console shows. */
  readonly visible: number;
  readonly quarantined: {
    readonly total: number;
    readonly reasons: Readonly<Record<string, number>>;
  };
  /** Sent, but not stored. */
  readonly lost: number;
  /** Stored more often than sent. */
  readonly duplicated: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly synthetic: boolean;
}

/** What {@link summarise} needs. */
export interface SummaryOptions {
  readonly playing: readonly PlayingPatient[];
  readonly operator: OperatorClient;
  readonly console: ConsoleClient;
  readonly latencies: Latencies;
  readonly synthetic: boolean;
}

const PATIENTS_AT_ONCE = 4;

/**
 * Compares what the devices sent with what the hospital holds and what the doctor sees, patient by patient and sample by sample.
 */
export async function summarise(options: SummaryOptions): Promise<Summary> {
  const { playing, console, latencies, synthetic } = options;
  const ids = new Map((await console.patients()).map((one) => [one.mrn, one.id]));
  const reasons = new Map<string, number>();
  const sums = { sent: 0, receipted: 0, visible: 0, lost: 0, duplicated: 0 };
  await forEachBounded(playing, PATIENTS_AT_ONCE, async (patient) => {
    const { totals } = patient.device.status();
    sums.sent += totals.recordedSamples;
    sums.receipted += totals.receiptedSamples;
    const seen = await lookAsDoctor(console, ids.get(patient.mrn), await handedOver(patient));
    sums.visible += seen.visible;
    sums.lost += seen.lost;
    sums.duplicated += seen.duplicated;
    for (const [reason, count] of Object.entries(seen.reasons)) {
      reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    }
  });
  const total = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  const { sent, receipted, visible, lost, duplicated } = sums;
  return {
    ...{ sent, stored: await countStored(options), receipted, visible },
    quarantined: { total, reasons: Object.fromEntries(reasons) },
    ...{ lost, duplicated },
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
    synthetic,
  };
}

/** Whether every sample arrived exactly once and is shown, or stands in quarantine. */
export function isFlawless(summary: Summary): boolean {
  const { sent, stored, receipted, visible, quarantined, lost, duplicated } = summary;
  const arrived = sent === stored && stored === receipted;
  return arrived && visible === sent - quarantined.total && lost === 0 && duplicated === 0;
}

/** The hospital's own count, without the patients that do not belong to the replay. */
async function countStored({ operator, playing }: SummaryOptions): Promise<number> {
  const { stored } = await operator.counters();
  const replayed = new Set(playing.map((one) => one.mrn));
  const others = (await operator.patients()).filter((one) => !replayed.has(one.mrn));
  let foreign = 0;
  for (const { mrn } of others) {
    foreign += await countOf(operator.readings({ mrn }));
  }
  return stored - foreign;
}

/** How often each kind was handed to the device for each moment. */
async function handedOver(patient: PlayingPatient): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const position = decodePosition(await patient.device.bookmark());
  for (const { kind, offsetMs } of patient.recording.samples.slice(0, position)) {
    count(counts, `${kindInfo(kind).name} ${sampleTime(offsetMs, patient.demoClock)}`, 1);
  }
  return counts;
}

function count(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

interface Seen {
  readonly visible: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** Reads a patient's page as the doctor does: what is shown, what stands in quarantine, and what is missing or there twice. */
async function lookAsDoctor(
  console: ConsoleClient,
  id: string | undefined,
  handed: ReadonlyMap<string, number>,
): Promise<Seen> {
  const balance = new Map(handed);
  let visible = 0;
  let reasons: Seen["reasons"] = {};
  if (id !== undefined) {
    for await (const sample of console.readings(id)) {
      count(balance, `${sample.kind} ${sample.at}`, -1);
      if (sample.state !== "quarantined") visible += 1;
    }
    reasons = (await console.quarantine(id)).reasons;
  }
  const left = [...balance.values()];
  const lost = left.reduce((sum, one) => sum + Math.max(0, one), 0);
  const duplicated = left.reduce((sum, one) => sum + Math.max(0, -one), 0);
  return { visible, lost, duplicated, reasons };
}

async function countOf(items: AsyncIterable<unknown>): Promise<number> {
  const iterator = items[Symbol.asyncIterator]();
  let found = 0;
  while ((await iterator.next()).done !== true) found += 1;
  return found;
}
