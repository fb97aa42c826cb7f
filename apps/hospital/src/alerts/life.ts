import type { AlertChange, Channel, Finding, Level, RuleKey } from "@siphms/alerts";

/** Where one alert stands in its life. Real times, but for `at` and `overAt`: the patient's clinical time. */
export interface AlertLife {
  readonly rule: RuleKey;
  readonly channel: Channel;
  readonly level: Level;
  /** Came late: told to nobody, and never open. */
  readonly late: boolean;
  readonly raisedAt: number;
  readonly at: number;
  readonly updatedAt: number;
  readonly overAt: number | null;
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
  /** `by` null: by itself. */
  readonly resolved: { readonly by: string | null; readonly at: number } | null;
  /** How often it was handed on since people were told last. */
  readonly step: number;
  readonly nextStepAt: number | null;
}

/** What a change came to. */
export interface Stepped {
  readonly life: AlertLife;
  /** What was found, where that is new. */
  readonly finding: Finding | undefined;
  /** Whether people are to be told, from the first step on. */
  readonly tell: boolean;
  /** What happened, for the audit log; values that follow each other are none. */
  readonly event: "late" | "over" | "raised" | "resolved" | undefined;
}

const RANK: Readonly<Record<Level, number>> = { warn: 1, urgent: 2 };

/**
 * What one change makes of the open alert of its rule, or of none.
 *
 * An alert that nobody has acknowledged keeps the highest level that it had: it must not become less pressing by waiting.
 *
 * @param now - Real time, ms.
 * @returns `undefined` where nothing comes of it: somebody has resolved what is still so, and it got no worse.
 */
export function applyChange(
  open: AlertLife | undefined,
  change: AlertChange,
  now: number,
): Stepped | undefined {
  switch (change.change) {
    case "late":
      return { life: begin(change, now), finding: change.finding, tell: false, event: "late" };
    case "raised":
      return open === undefined
        ? { life: begin(change, now), finding: change.finding, tell: true, event: "raised" }
        : raiseAgain(open, change, now);
    case "updated":
      return open && update(open, change, now);
    case "over":
      return open && end(open, change.at, now);
  }
}

/** Somebody looks after it: it is not handed on any more, and ends by itself once it is over. */
export function acknowledge(open: AlertLife, by: string, now: number): AlertLife {
  const acknowledged = { ...open, acknowledged: { by, at: now }, nextStepAt: null, updatedAt: now };
  return open.overAt === null ? acknowledged : resolve(acknowledged, null, now);
}

/** It is closed: by somebody, or by itself. */
export function resolve(open: AlertLife, by: string | null, now: number): AlertLife {
  return { ...open, resolved: { by, at: now }, nextStepAt: null, updatedAt: now };
}

type Found = Extract<AlertChange, { readonly change: "late" | "raised" }>;

function begin({ change, rule, channel, level, at }: Found, now: number): AlertLife {
  return {
    ...{ rule, channel, level, at },
    late: change === "late",
    raisedAt: now,
    updatedAt: now,
    overAt: null,
    acknowledged: null,
    resolved: null,
    step: 0,
    nextStepAt: null,
  };
}

/** Worse, or begun anew while it was still open. Whoever has acknowledged the lesser one has not acknowledged this. */
function raiseAgain(
  open: AlertLife,
  { level, at, finding }: Extract<AlertChange, { readonly change: "raised" }>,
  now: number,
): Stepped {
  // Begun anew after the last who could be told were told: that was long ago, and nobody else would hear of it.
  const isForgotten = open.overAt !== null && open.nextStepAt === null;
  const isNews = open.acknowledged !== null || isHigher(level, open.level) || isForgotten;
  const life: AlertLife = {
    ...open,
    level: open.acknowledged === null ? highest(open.level, level) : level,
    ...{ at, overAt: null, acknowledged: null, updatedAt: now },
    ...(isNews ? { step: 0, nextStepAt: null } : {}),
  };
  return { life, finding, tell: isNews, event: isNews ? "raised" : undefined };
}

function update(
  open: AlertLife,
  { level, at, finding }: Extract<AlertChange, { readonly change: "updated" }>,
  now: number,
): Stepped {
  const shown = open.acknowledged === null ? highest(open.level, level) : level;
  const life = { ...open, level: shown, at, updatedAt: now };
  return { life, finding, tell: false, event: undefined };
}

/** What is technical ends with its cause; what is clinical stays until somebody has seen that it was there. */
function end(open: AlertLife, overAt: number, now: number): Stepped {
  const over = { ...open, overAt, updatedAt: now };
  const isDone = open.channel === "technical" || open.acknowledged !== null;
  return {
    life: isDone ? resolve(over, null, now) : over,
    finding: undefined,
    tell: false,
    event: isDone ? "resolved" : "over",
  };
}

/** Whether a level asks for more than another. */
export function isHigher(one: Level, other: Level): boolean {
  return RANK[one] > RANK[other];
}

function highest(a: Level, b: Level): Level {
  return isHigher(b, a) ? b : a;
}
