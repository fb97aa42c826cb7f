import type { Unreleasable } from "@siphms/api";
import { CONSCIOUSNESS_LEVELS } from "@siphms/vitals";
import { eachSample, type OpenedRun } from "../records/index.ts";

/** No summary, chart or sum is made for more: wire units, 655 kg, 6553 mg/dL, 65 s between two beats. */
const MAX_WIRE_VALUE = 0xffff;
const CONSCIOUSNESS = 9;

/**
 * Why samples cannot be released, whoever wants it; `undefined` where a doctor may.
 *
 * What a device sent that nobody ever confirmed may come from anybody. A time that is still ahead would stand as the
 * newest value for as long.
 */
export function whyNot(
  runs: readonly OpenedRun[],
  facts: { readonly isConfirmed: boolean; readonly clinicalNow: number },
): Unreleasable | undefined {
  if (!facts.isConfirmed) return "binding-unconfirmed";
  let reason: Unreleasable | undefined;
  for (const run of runs) {
    const most = run.kind === CONSCIOUSNESS ? CONSCIOUSNESS_LEVELS.length - 1 : MAX_WIRE_VALUE;
    eachSample(run, (at, value) => {
      if (at > facts.clinicalNow) reason ??= "time-ahead";
      const numbers = typeof value === "number" ? [value] : value;
      const isShown = numbers.every((part) => part === null || (part >= 0 && part <= most));
      if (!isShown) reason ??= "out-of-scale";
    });
  }
  return reason;
}
