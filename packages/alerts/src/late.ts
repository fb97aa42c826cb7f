import type { AlertChange } from "./alert.ts";
import type { Sample } from "./input.ts";
import { limitFinding } from "./limit-step.ts";
import { levelOf, rankOf } from "./limits.ts";
import type { Level, Plan } from "./plan.ts";
import { numbersOf } from "./quantity.ts";
import { watchListOf, type WatchedLimit } from "./watch-list.ts";

/**
 * What samples that came late would have told: for each limit that they are at or beyond, the value furthest beyond it.
 *
 * One for each limit, not for each sample: a queue that held a night of readings tells of the night once. Each value is judged
 * by itself, since what came before it is long past.
 *
 * @param samples - In order of time; those in time are left out.
 */
export function lateChanges(plan: Plan, samples: readonly Sample[]): readonly AlertChange[] {
  const worst = new Map<WatchedLimit, Beyond>();
  const { limitsOf } = watchListOf(plan);
  for (const sample of samples) {
    if (!sample.late) continue;
    for (const [quantity, value] of numbersOf(sample.kind, sample.value)) {
      for (const watched of limitsOf.get(quantity) ?? []) {
        const level = levelOf(watched.rule, value);
        if (level === null) continue;
        const beyond = { level, value, at: sample.at };
        if (isWorse(watched, beyond, worst.get(watched))) worst.set(watched, beyond);
      }
    }
  }
  return [...worst].map(([{ rule, key }, { level, value, at }]) => {
    const finding = limitFinding(rule, level, value);
    return { change: "late", rule: key, channel: "clinical", level, at, finding };
  });
}

interface Beyond {
  readonly level: Level;
  readonly value: number;
  readonly at: number;
}

function isWorse({ rule }: WatchedLimit, one: Beyond, other: Beyond | undefined): boolean {
  if (other === undefined) return true;
  if (one.level !== other.level) return rankOf(one.level) > rankOf(other.level);
  return rule.side === "high" ? one.value > other.value : one.value < other.value;
}
