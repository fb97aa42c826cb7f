import type { Input } from "./input.ts";
import type { Plan } from "./plan.ts";
import { noDataKey } from "./rule-keys.ts";
import { note, type Draft } from "./state.ts";

/** A battery counts as charged again this much above its limit: charges that are told waver. */
const CHARGED_BY = 5;
/** A sensor that has said nothing for so long was put away: its battery is nobody's concern any more. */
const SENSOR_FORGOTTEN_MS = 7 * 24 * 3_600_000;
/** While devices are silent, so often somebody has to look whether they were heard of. */
const LOOK_MS = 5 * 60_000;

/** Takes in what is known of the patient's devices, and the time. */
export function watchDevices(draft: Draft, plan: Plan, input: Input): void {
  if (input.contactAt === null) {
    forgetDevices(draft);
    return;
  }
  const isQuiet = (input.quietUntil ?? 0) > draft.now;
  watchSilence(draft, plan, { told: input.contactAt, isQuiet });
  watchMeasuring(draft, plan, isQuiet);
  watchGaps(draft, plan, input);
  watchBatteries(draft, plan, input);
}

/** When time alone changes something about devices next; null for never. */
export function devicesDue(draft: Draft, plan: Plan, quietUntil = 0): number | null {
  const { contactAt, silentSince, now } = draft;
  const { silentAfterMs } = plan.device;
  const dues: number[] = [];
  if (silentSince !== null) {
    // Signs of life that are no readings wake nobody by themselves.
    dues.push(now + LOOK_MS);
  } else {
    if (contactAt !== null && silentAfterMs !== null) {
      dues.push(Math.max(contactAt + silentAfterMs, quietUntil));
    }
    for (const { kind, afterMs } of plan.noData) {
      const measuredAt = draft.measured[kind];
      if (measuredAt !== undefined && !draft.noData.has(kind)) {
        dues.push(Math.max(measuredAt + afterMs, quietUntil));
      }
    }
  }
  for (const { at } of draft.batteries.values()) dues.push(at + SENSOR_FORGOTTEN_MS);
  const due = Math.min(...dues.filter((at) => at > now));
  return due === Infinity ? null : due;
}

function forgetDevices(draft: Draft): void {
  const { now, noData, batteries, silentSince, missing } = draft;
  const over = (rule: string): void => note(draft, { change: "over", rule, at: now });
  if (silentSince !== null) over("silent");
  for (const kind of noData.keys()) over(noDataKey(kind));
  if (missing > 0) over("gap");
  if (batteries.size > 0) over("battery");
  draft.contactAt = null;
  draft.silentSince = null;
  draft.measured = {};
  noData.clear();
  draft.missing = 0;
  batteries.clear();
}

function watchSilence(
  draft: Draft,
  { device: { silentAfterMs } }: Plan,
  { told, isQuiet }: { readonly told: number | undefined; readonly isQuiet: boolean },
): void {
  if (told !== undefined) draft.contactAt = Math.max(told, draft.contactAt ?? told);
  const { contactAt: lastAt, now, silentSince } = draft;
  const isWatched = silentAfterMs !== null && lastAt !== null;
  const due = isWatched ? lastAt + silentAfterMs : Infinity;
  if (silentSince !== null) {
    if (due <= now) return;
    draft.silentSince = null;
    note(draft, { change: "over", rule: "silent", at: Math.max(silentSince, lastAt ?? now) });
  } else if (isWatched && due <= now && !isQuiet) {
    draft.silentSince = due;
    const finding = { type: "silent", lastAt, afterMs: silentAfterMs } as const;
    note(draft, { ...TECHNICAL, rule: "silent", at: due, finding });
  }
}

const TECHNICAL = { change: "raised", channel: "technical", level: "warn" } as const;

/** While nothing at all comes, that is told, and not each kind besides: one cause, one alert. */
function watchMeasuring(draft: Draft, plan: Plan, isQuiet: boolean): void {
  const { now, noData, measured } = draft;
  for (const { kind, afterMs } of plan.noData) {
    const lastAt = measured[kind];
    const since = noData.get(kind);
    if (lastAt === undefined) continue;
    const due = lastAt + afterMs;
    if (since === undefined && due <= now && !isQuiet && draft.silentSince === null) {
      noData.set(kind, due);
      const finding = { type: "no-data", kind, lastAt, afterMs } as const;
      note(draft, { ...TECHNICAL, rule: noDataKey(kind), at: due, finding });
    } else if (since !== undefined && due > now) {
      noData.delete(kind);
      note(draft, { change: "over", rule: noDataKey(kind), at: Math.max(since, lastAt) });
    }
  }
  for (const kind of noData.keys()) {
    if (plan.noData.some((rule) => rule.kind === kind)) continue;
    noData.delete(kind);
    note(draft, { change: "over", rule: noDataKey(kind), at: now });
  }
}

/** More than before is another loss, which whoever looked after the first one does not know of. */
function watchGaps(draft: Draft, { device }: Plan, input: Input): void {
  const { now, missing: before } = draft;
  const missing = device.gaps ? (input.missing ?? before) : 0;
  if (missing === before) return;
  draft.missing = missing;
  const finding = { type: "gap", missing } as const;
  if (missing === 0) note(draft, { change: "over", rule: "gap", at: now });
  else if (missing > before) note(draft, { ...TECHNICAL, rule: "gap", at: now, finding });
  else note(draft, { change: "updated", rule: "gap", level: "warn", at: now, finding });
}

/** A further sensor is told as the first one was: whoever looked after that does not know of this. */
function watchBatteries(draft: Draft, { device }: Plan, { batteries: told = [] }: Input): void {
  const { batteries, now } = draft;
  const limit = device.batteryBelow;
  const before = [...batteries.keys()];
  const shown = lowest(batteries);
  for (const [sensor, { at }] of batteries) {
    if (limit === null || at + SENSOR_FORGOTTEN_MS <= now) batteries.delete(sensor);
  }
  if (limit !== null) for (const one of told) noteCharge(draft, one, limit);
  const percent = lowest(batteries);
  if (percent === undefined || limit === null) {
    if (shown !== undefined) note(draft, { change: "over", rule: "battery", at: now });
    return;
  }
  const finding = { type: "battery", percent, limit } as const;
  if ([...batteries.keys()].some((sensor) => !before.includes(sensor)))
    note(draft, { ...TECHNICAL, rule: "battery", at: now, finding });
  else if (percent !== shown)
    note(draft, { change: "updated", rule: "battery", level: "warn", at: now, finding });
}

function noteCharge(
  { batteries, now }: Draft,
  { sensor, percent }: { readonly sensor: string; readonly percent: number },
  limit: number,
): void {
  if (percent <= limit) batteries.set(sensor, { value: percent, at: now });
  else if (percent >= Math.min(100, limit + CHARGED_BY)) batteries.delete(sensor);
}

function lowest(batteries: Draft["batteries"]): number | undefined {
  if (batteries.size === 0) return undefined;
  return Math.min(...[...batteries.values()].map(({ value }) => value));
}
