import type { Input } from "./input.ts";
import type { Plan } from "./plan.ts";
import { noDataKey } from "./rule-keys.ts";
import { note, type Draft } from "./state.ts";

/** A battery counts as charged again this much above its limit: charges that are told waver. */
const CHARGED_BY = 5;

/** Takes in what is known of the patient's devices, and the time. */
export function watchDevices(draft: Draft, plan: Plan, input: Input): void {
  watchSilence(draft, plan, input);
  watchMeasuring(draft, plan);
  watchGaps(draft, plan, input);
  watchBatteries(draft, plan, input);
}

/** When time alone changes something about devices next; null for never. */
export function devicesDue(draft: Draft, plan: Plan): number | null {
  const { contactAt, silentSince, now } = draft;
  const { silentAfterMs } = plan.device;
  const dues: number[] = [];
  if (silentSince === null) {
    if (contactAt !== null && silentAfterMs !== null) dues.push(contactAt + silentAfterMs);
    for (const { kind, afterMs } of plan.noData) {
      const measuredAt = draft.measured[kind];
      if (measuredAt !== undefined && !draft.noData.has(kind)) dues.push(measuredAt + afterMs);
    }
  }
  const due = Math.min(...dues.filter((at) => at > now));
  return due === Infinity ? null : due;
}

function watchSilence(draft: Draft, { device }: Plan, input: Input): void {
  const { contactAt: told } = input;
  if (told !== undefined) draft.contactAt = Math.max(told, draft.contactAt ?? told);
  const { silentAfterMs } = device;
  const { contactAt, now, silentSince } = draft;
  const due = silentAfterMs === null || contactAt === null ? Infinity : contactAt + silentAfterMs;
  if (silentSince === null && due <= now && contactAt !== null && silentAfterMs !== null) {
    draft.silentSince = due;
    const finding = { type: "silent", lastAt: contactAt, afterMs: silentAfterMs } as const;
    note(draft, { ...TECHNICAL, rule: "silent", at: due, finding });
  } else if (silentSince !== null && due > now) {
    draft.silentSince = null;
    note(draft, { change: "over", rule: "silent", at: Math.max(silentSince, contactAt ?? now) });
  }
}

const TECHNICAL = { change: "raised", channel: "technical", level: "warn" } as const;

/** While nothing at all comes, that is told, and not each kind besides: one cause, one alert. */
function watchMeasuring(draft: Draft, plan: Plan): void {
  const { now, noData, measured } = draft;
  for (const { kind, afterMs } of plan.noData) {
    const lastAt = measured[kind];
    const since = noData.get(kind);
    if (lastAt === undefined) continue;
    const due = lastAt + afterMs;
    if (since === undefined && due <= now && draft.silentSince === null) {
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

function watchGaps(draft: Draft, { device }: Plan, input: Input): void {
  const { now, missing: before } = draft;
  const missing = device.gaps ? (input.missing ?? before) : 0;
  if (missing === before) return;
  draft.missing = missing;
  const finding = { type: "gap", missing } as const;
  if (missing === 0) note(draft, { change: "over", rule: "gap", at: now });
  else if (before === 0) note(draft, { ...TECHNICAL, rule: "gap", at: now, finding });
  else note(draft, { change: "updated", rule: "gap", level: "warn", at: now, finding });
}

function watchBatteries(draft: Draft, { device }: Plan, { batteries: told = [] }: Input): void {
  const { batteries, now } = draft;
  const limit = device.batteryBelow;
  const before = lowest(batteries);
  if (limit === null) batteries.clear();
  else for (const one of told) noteCharge(batteries, one, limit);
  const percent = lowest(batteries);
  if (percent === before) return;
  if (percent === undefined || limit === null) {
    note(draft, { change: "over", rule: "battery", at: now });
    return;
  }
  const finding = { type: "battery", percent, limit } as const;
  if (before === undefined) note(draft, { ...TECHNICAL, rule: "battery", at: now, finding });
  else note(draft, { change: "updated", rule: "battery", level: "warn", at: now, finding });
}

function noteCharge(
  batteries: Map<string, number>,
  { sensor, percent }: { readonly sensor: string; readonly percent: number },
  limit: number,
): void {
  if (percent <= limit) batteries.set(sensor, percent);
  else if (percent >= Math.min(100, limit + CHARGED_BY)) batteries.delete(sensor);
}

function lowest(batteries: ReadonlyMap<string, number>): number | undefined {
  return batteries.size === 0 ? undefined : Math.min(...batteries.values());
}
