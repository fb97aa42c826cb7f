import { TREND_STEP_MS, TREND_STEPS, type Trend } from "@siphms/api";
import { kindInfo, toClinical, type Kind } from "@siphms/vitals";
import { eachSample, type OpenedRun } from "./opened-run.ts";
import { readBatches, type BatchSource } from "./read-batches.ts";

/** What the worklist draws, in its order. */
const TREND_KINDS: readonly Kind[] = [1, 2, 3, 4, 5];
const NAMES = TREND_KINDS.map((kind) => kindInfo(kind).name);

interface Step {
  sum: number;
  count: number;
}

/** Works out the last six hours of a patient in short, up to a clinical time. */
export async function readTrend(source: BatchSource, clinicalNow: number): Promise<Trend> {
  const last = clinicalNow - (clinicalNow % TREND_STEP_MS);
  const start = Math.max(0, last - (TREND_STEPS - 1) * TREND_STEP_MS);
  const range = { from: start, to: start + TREND_STEPS * TREND_STEP_MS, kinds: NAMES };
  const kinds = new Map<Kind, Step[]>();
  for await (const { runs } of readBatches(source, range)) {
    for (const { run } of runs) addRun(kinds, run, start);
  }
  return {
    patient: source.patientId,
    start,
    stepMs: TREND_STEP_MS,
    series: TREND_KINDS.flatMap((kind) => {
      const steps = kinds.get(kind);
      return steps === undefined
        ? []
        : [{ kind: kindInfo(kind).name, values: meansOf(kind, steps) }];
    }),
  };
}

function addRun(kinds: Map<Kind, Step[]>, run: OpenedRun, start: number): void {
  if (run.state === "quarantined") return;
  const steps =
    kinds.get(run.kind) ?? Array.from({ length: TREND_STEPS }, () => ({ sum: 0, count: 0 }));
  kinds.set(run.kind, steps);
  eachSample(run, (at, value) => {
    const number = typeof value === "number" ? value : value[0];
    const step = steps[Math.floor((at - start) / TREND_STEP_MS)];
    if (number === null || step === undefined) return;
    step.sum += number;
    step.count += 1;
  });
}

/** In clinical units, to a tenth: a small curve shows no more. A systolic pressure is in mmHg on the wire already. */
function meansOf(kind: Kind, steps: readonly Step[]): (number | null)[] {
  return steps.map(({ sum, count }) => {
    if (count === 0) return null;
    const mean = kind === 2 ? sum / count : toClinical(kind, sum / count);
    return typeof mean === "number" ? Math.round(mean * 10) / 10 : null;
  });
}
