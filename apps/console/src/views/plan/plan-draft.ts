import {
  checkPlan,
  planTemplate,
  type ChangeRule,
  type Level,
  type LimitRule,
  type NoDataRule,
  type PlanFault,
} from "@siphms/alerts";
import type { PlanRules } from "@siphms/api";

/** A limit as it is typed. */
export interface LimitDraft extends Pick<LimitRule, "kind" | "part" | "side"> {
  readonly warn: string;
  readonly urgent: string;
  readonly minutes: string;
  readonly hysteresis: string;
}

/** A change over time as it is typed. */
export interface ChangeDraft extends Pick<ChangeRule, "direction" | "kind" | "level" | "part"> {
  readonly by: string;
  readonly hours: string;
}

/** For how long a kind may be missing, as it is typed. */
export interface NoDataDraft extends Pick<NoDataRule, "kind"> {
  readonly hours: string;
}

/** NEWS2 as it is typed. */
export interface News2Draft {
  readonly isScored: boolean;
  readonly spo2Scale: 1 | 2;
  readonly warnFrom: string;
  readonly urgentFrom: string;
  readonly singleThree: Level | null;
  readonly carryHours: string;
}

/** What is watched about devices, as it is typed; empty for nothing. */
export interface DeviceDraft {
  readonly silentHours: string;
  readonly batteryBelow: string;
  readonly gaps: boolean;
}

/** A plan while somebody writes it: numbers are texts until it is saved. */
export interface PlanDraft {
  readonly template: PlanRules["template"];
  readonly limits: readonly LimitDraft[];
  readonly changes: readonly ChangeDraft[];
  readonly news2: News2Draft;
  readonly noData: readonly NoDataDraft[];
  readonly device: DeviceDraft;
}

/** What a draft comes to. */
export type ReadDraft =
  | { readonly kind: "good"; readonly rules: PlanRules }
  /** These fields hold no number that makes sense there. */
  | { readonly kind: "unreadable"; readonly fields: ReadonlySet<string> }
  /** The numbers contradict each other. */
  | { readonly kind: "unsound"; readonly fault: PlanFault };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The contract's longest time. */
const LONGEST_MS = 366 * 24 * HOUR_MS;

/** Begins a draft with what a plan says. */
export function draftOf(rules: PlanRules): PlanDraft {
  const { template, limits, changes, news2, noData, device } = rules;
  return {
    template,
    limits: limits.map(({ kind, part, side, warn, urgent, hysteresis, forMs }) => ({
      ...{ kind, part, side },
      warn: textOf(warn),
      urgent: textOf(urgent),
      minutes: textOf(forMs / MINUTE_MS),
      hysteresis: textOf(hysteresis),
    })),
    changes: changes.map(({ kind, part, direction, by, withinMs, level }) => ({
      ...{ kind, part, direction, level },
      by: textOf(by),
      hours: textOf(withinMs / HOUR_MS),
    })),
    news2: news2Draft(news2),
    noData: noData.map(({ kind, afterMs }) => ({ kind, hours: textOf(afterMs / HOUR_MS) })),
    device: {
      silentHours: textOf(device.silentAfterMs === null ? null : device.silentAfterMs / HOUR_MS),
      batteryBelow: textOf(device.batteryBelow),
      gaps: device.gaps,
    },
  };
}

/** Where NEWS2 is not scored its fields wait with what the template for adults has. */
function news2Draft(rule: PlanRules["news2"]): News2Draft {
  const known = rule ?? planTemplate("adult").news2;
  return {
    isScored: rule !== null,
    spo2Scale: known?.spo2Scale ?? 1,
    warnFrom: textOf(known?.warnFrom ?? null),
    urgentFrom: textOf(known?.urgentFrom ?? null),
    singleThree: known?.singleThree ?? null,
    carryHours: textOf(known === null ? null : known.carryForwardMs / HOUR_MS),
  };
}

/** Reads what was typed. A limit of which both levels were emptied is none. */
export function readDraft(draft: PlanDraft): ReadDraft {
  const fields = new Set<string>();
  const read: Read = (field, text, how) => {
    if (how.isOptional === true && text.trim() === "") return null;
    const number = numberFor(text, how);
    if (number === undefined) fields.add(field);
    return number ?? null;
  };
  const rules: PlanRules = {
    template: draft.template,
    limits: readLimits(draft, read),
    changes: readChanges(draft, read),
    news2: draft.news2.isScored ? readNews2(draft.news2, read) : null,
    noData: draft.noData.map(({ kind, hours }, index) => ({
      kind,
      afterMs: readHours(read, `noData.${String(index)}.hours`, hours),
    })),
    device: readDevice(draft.device, read),
  };
  if (fields.size > 0) return { kind: "unreadable", fields };
  const fault = checkPlan(rules);
  return fault === undefined ? { kind: "good", rules } : { kind: "unsound", fault };
}

interface Wanted {
  readonly isOptional?: boolean;
  readonly isWhole?: boolean;
  readonly most: number;
  /** What one of the number is: an hour, in ms. */
  readonly unit?: number;
}

type Read = (field: string, text: string, how: Wanted) => number | null;

function numberFor(text: string, { isWhole = false, most, unit = 1 }: Wanted): number | undefined {
  const number = parseNumber(text);
  if (number === undefined || (isWhole && !Number.isInteger(number))) return undefined;
  return number * unit > most ? undefined : number * unit;
}

/** More than any value can be. */
const ANY = { most: 1_000_000 } as const;

function readLimits({ limits }: PlanDraft, read: Read): PlanRules["limits"] {
  return limits.flatMap(({ kind, part, side, ...texts }, index) => {
    const field = (name: string): string => `limits.${String(index)}.${name}`;
    const optional = { ...ANY, isOptional: true };
    const warn = read(field("warn"), texts.warn, optional);
    const urgent = read(field("urgent"), texts.urgent, optional);
    if (texts.warn.trim() === "" && texts.urgent.trim() === "") return [];
    const hysteresis = read(field("hysteresis"), texts.hysteresis, ANY) ?? 0;
    const minutes = { most: LONGEST_MS, unit: MINUTE_MS };
    const forMs = Math.round(read(field("minutes"), texts.minutes, minutes) ?? 0);
    return [{ kind, part, side, warn, urgent, hysteresis, forMs }];
  });
}

function readChanges({ changes }: PlanDraft, read: Read): PlanRules["changes"] {
  return changes.map(({ kind, part, direction, level, by, hours }, index) => {
    const field = (name: string): string => `changes.${String(index)}.${name}`;
    return {
      ...{ kind, part, direction, level },
      by: read(field("by"), by, ANY) ?? 0,
      withinMs: readHours(read, field("hours"), hours),
    };
  });
}

function readNews2(draft: News2Draft, read: Read): PlanRules["news2"] {
  const score = { most: 20, isWhole: true } as const;
  return {
    spo2Scale: draft.spo2Scale,
    warnFrom: read("news2.warnFrom", draft.warnFrom, score) ?? 0,
    urgentFrom: read("news2.urgentFrom", draft.urgentFrom, score) ?? 0,
    singleThree: draft.singleThree,
    carryForwardMs: readHours(read, "news2.carryHours", draft.carryHours),
  };
}

function readDevice(draft: DeviceDraft, read: Read): PlanRules["device"] {
  const { silentHours, batteryBelow, gaps } = draft;
  const silent = { isOptional: true, most: LONGEST_MS, unit: HOUR_MS };
  const silentAfterMs = read("device.silentHours", silentHours, silent);
  return {
    silentAfterMs: silentAfterMs === null ? null : Math.round(silentAfterMs),
    batteryBelow: read("device.batteryBelow", batteryBelow, {
      ...{ isOptional: true, isWhole: true, most: 100 },
    }),
    gaps,
  };
}

function readHours(read: Read, field: string, text: string): number {
  return Math.round(read(field, text, { most: LONGEST_MS, unit: HOUR_MS }) ?? 0);
}

function textOf(value: number | null): string {
  return value === null ? "" : String(value);
}

/** A number as people type it, in either language's digits, with a point or a comma; `undefined` for anything else, and below 0. */
export function parseNumber(text: string): number | undefined {
  const western = text
    .trim()
    .replaceAll(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replaceAll(/[٫,]/g, ".");
  return /^\d+(\.\d+)?$/.test(western) ? Number(western) : undefined;
}
