import type { AlertChange, Finding } from "@siphms/alerts";
import type { AlertRow } from "./alert-rows.ts";
import { applyChange, type AlertLife, type Stepped } from "./life.ts";

/** What is to be written of one alert. */
export interface Work {
  /** The alert that it was; `undefined` for a new one. */
  readonly row: AlertRow | undefined;
  readonly life: AlertLife;
  readonly finding: Finding | undefined;
  readonly tell: boolean;
  readonly events: readonly NonNullable<Stepped["event"]>[];
}

/**
 * What the changes of one evaluation make of a patient's alerts, each written once however often it changed.
 *
 * @param open - The patient's open alerts.
 */
export function planWorks(
  open: readonly AlertRow[],
  changes: readonly AlertChange[],
  now: number,
): readonly Work[] {
  const rows = new Map(open.map((row) => [row.rule, row]));
  const current = new Map<string, Work>();
  const done: Work[] = [];
  for (const change of changes) {
    const before = current.get(change.rule);
    const life = before?.life ?? rows.get(change.rule);
    const stepped = applyChange(change.change === "late" ? undefined : life, change, now);
    if (stepped === undefined) continue;
    if (change.change === "late") {
      done.push(join(undefined, undefined, stepped));
      continue;
    }
    const work = join(before, rows.get(change.rule), stepped);
    if (work.life.resolved === null) {
      current.set(change.rule, work);
    } else {
      current.delete(change.rule);
      rows.delete(change.rule);
      done.push(work);
    }
  }
  // What ends comes first: an alert of the same rule may have begun after it, and only one may be open.
  return [...done, ...current.values()];
}

function join(before: Work | undefined, row: AlertRow | undefined, stepped: Stepped): Work {
  const { life, finding, tell, event } = stepped;
  return {
    row: before === undefined ? row : before.row,
    life,
    finding: finding ?? before?.finding,
    // What has ended by itself meanwhile is told to nobody.
    tell: life.resolved === null && (tell || before?.tell === true),
    events: [...(before?.events ?? []), ...(event === undefined ? [] : [event])],
  };
}
