import { setTimeout as sleep } from "node:timers/promises";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import { setAuditFence, type AuditFence } from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Notifier } from "../notify/index.ts";
import { quietUntilAfterAbsence } from "./absence.ts";
import { raiseAltered } from "./altered-alerts.ts";
import { escalateOverdue } from "./escalate.ts";
import { lockProgress, mendProgress } from "./progress.ts";
import { createSetbacks, type Setbacks } from "./setbacks.ts";
import { beginWatching } from "./unwatched.ts";
import { runEvaluation, type EvaluationFault, type EvaluationRun } from "./run-evaluation.ts";

/** What the job needs. */
export interface AlertJobPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly log: Logger;
  readonly notifier: Notifier;
  /** Called after a commit with the patients of whom a screen shows something else now. */
  readonly onChanged: (patientIds: readonly string[]) => void;
  /** Waits so many milliseconds; the timer, but for tests. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** Counted since the start of this process. */
export interface AlertCounts {
  /** Patients who were evaluated, each time. */
  readonly evaluated: number;
  /** Alerts that people were told of. */
  readonly raised: number;
  /** Patients, or messages of theirs, that could not be evaluated. */
  readonly skipped: number;
  /** From the receipt of the oldest message to the commit of what came of it, in the last run that had one; ms. */
  readonly delayMs: number;
}

/** Makes alerts of what is stored, hands on what nobody acknowledges. */
export interface AlertJob {
  /** Something was stored, or a plan was changed: looks at once. Returns at once. */
  wake(): void;
  /** Evaluates everything that was stored before this call and whoever is due, and hands on what is overdue. */
  run(): Promise<void>;
  /** Runs at once, whenever woken, and at least twice a second: other processes store too. */
  start(): void;
  /** Ends that, after the transaction that is under way. */
  stop(): Promise<void>;
  readonly counts: () => AlertCounts;
}

/** How long nothing is asked of the database where nobody has woken the job. */
const IDLE_MS = 500;
/** Between two runs: messages that come together are evaluated together. */
const GATHER_MS = 50;
/** The database may be away: what it has to say is asked again after so long. */
const FAILED_MS = 1000;
/** How often it is looked for alerts that were changed in the database. */
const SWEEP_MS = 60_000;
/** How long other processes may have the lock before that is no accident. */
const LOCKED_MS = 60_000;
/** How often the log's end is moved on where nothing was stored. */
const FENCE_MS = 10_000;

/**
 * Creates the job that makes alerts.
 *
 * What there is to do stands in the database alone: how far the audit log is gone through, and who is due when. So a program
 * that is killed between a commit and its evaluation leaves nothing that the next one does not find, and of several programs
 * one evaluates at a time.
 */
export function createAlertJob(ports: AlertJobPorts): AlertJob {
  const context: Context = {
    ...ports,
    counts: { evaluated: 0, raised: 0, skipped: 0, delayMs: 0 },
    setbacks: createSetbacks(),
    fence: undefined,
    fencedAt: Number.NEGATIVE_INFINITY,
    sweptAt: Number.NEGATIVE_INFINITY,
    mineAt: ports.clock.now(),
    startedAt: ports.clock.now(),
    quietUntil: undefined,
  };
  const pause = ports.pause ?? ((ms: number) => sleep(ms));
  const state = { isStopped: false, isWoken: false, rouse: (): void => undefined };
  let looping: Promise<void> | undefined;

  const loop = async (): Promise<void> => {
    while (!state.isStopped) {
      state.isWoken = false;
      const wait = await runOnce(context);
      await pause(wait === 0 ? 0 : GATHER_MS);
      // Whatever was stored meanwhile is looked at now; else it sleeps until woken.
      if (wait > 0 && !isAwake(state)) {
        const roused = new Promise<void>((resolve) => (state.rouse = resolve));
        await Promise.race([pause(wait), roused]);
      }
    }
  };

  return {
    wake() {
      state.isWoken = true;
      state.rouse();
    },
    async run() {
      while ((await step(context)).hasMore);
    },
    start() {
      looping ??= loop();
    },
    async stop() {
      state.isStopped = true;
      state.rouse();
      await looping;
    },
    counts: () => ({ ...context.counts }),
  };
}

interface State {
  readonly isStopped: boolean;
  readonly isWoken: boolean;
}

function isAwake({ isStopped, isWoken }: State): boolean {
  return isStopped || isWoken;
}

interface Context extends AlertJobPorts {
  counts: { evaluated: number; raised: number; skipped: number; delayMs: number };
  readonly setbacks: Setbacks;
  fence: AuditFence | undefined;
  fencedAt: number;
  sweptAt: number;
  /** When this process had the lock last. */
  mineAt: number;
  readonly startedAt: number;
  /** Before this real time nobody is told of silence; `undefined` until that was found out. */
  quietUntil: number | undefined;
}

/** @returns how long to wait before the next run where nobody wakes the job, ms. */
async function runOnce(context: Context): Promise<number> {
  try {
    return (await step(context)).hasMore ? 0 : IDLE_MS;
  } catch {
    return FAILED_MS;
  }
}

/** Each part for itself: that one fails keeps none of the others from being done. */
async function step(context: Context): Promise<{ readonly hasMore: boolean }> {
  const parts = [evaluateNext, escalateNext, sweepNow];
  let hasMore = false;
  let failed: { readonly error: unknown } | undefined;
  for (const part of parts) {
    try {
      hasMore = (await part(context)) || hasMore;
    } catch (error) {
      context.log.error("alerts were not evaluated", errorFields(error));
      failed = { error };
    }
  }
  if (failed !== undefined) {
    await systemFault("evaluation-failed", context);
    throw failed.error;
  }
  return { hasMore };
}

async function evaluateNext(context: Context): Promise<boolean> {
  const { fence: candidate, setbacks, counts } = context;
  context.fence = undefined;
  context.quietUntil ??= await quietUntilAfterAbsence(context.database, context.startedAt);
  const run = await runEvaluation(context, { candidate, setbacks });
  const now = context.clock.now();
  counts.evaluated += run.evaluated;
  counts.raised += run.raised;
  counts.skipped += run.faults.length;
  if (run.oldestAt !== undefined) counts.delayMs = Math.max(0, now - run.oldestAt);
  if (run.changed.length > 0) context.onChanged(run.changed);
  await tellFaults(run.faults, context);
  await watchLock(run, now, context);
  if (run.isMine && (run.evaluated > 0 || now >= context.fencedAt + FENCE_MS)) {
    // Set outside of the transaction, for the next run.
    context.fence = await setAuditFence(context.database);
    context.fencedAt = now;
  }
  return run.hasMore;
}

/** Whoever never gets the lock would stand still without a word: somebody holds it for ever, or its row is gone. */
async function watchLock({ isMine }: EvaluationRun, now: number, context: Context): Promise<void> {
  if (isMine) context.mineAt = now;
  if (isMine || now < context.mineAt + LOCKED_MS) return;
  context.mineAt = now;
  context.log.error("alerts wait for a lock that somebody holds");
  await systemFault("progress-locked", context);
}

/** Says that something could not be evaluated: in the log, and to administrators. Nothing of it says who. */
async function tellFaults(faults: EvaluationRun["faults"], context: Context): Promise<void> {
  for (const reason of new Set(faults.map(({ why }) => why))) {
    const all = faults.filter(({ why }) => why === reason);
    const error = all.find((fault) => fault.error !== undefined)?.error;
    const fields = error === undefined ? {} : errorFields(error);
    context.log.error("a patient could not be evaluated", {
      ...{ reason, count: all.length },
      ...fields,
    });
    await systemFault(reason, context);
  }
}

async function systemFault(
  reason: EvaluationFault,
  { database, notifier }: Pick<Context, "database" | "notifier">,
): Promise<void> {
  await database.withTransaction((tx) =>
    notifier.systemFault(tx, { what: "evaluation-failed", reason }),
  );
}

async function escalateNext(context: Context): Promise<boolean> {
  const now = context.clock.now();
  const { changed, failed, hasMore } = await context.database.withTransaction((tx) =>
    escalateOverdue(tx, now, context),
  );
  if (changed.length > 0) context.onChanged(changed);
  if (failed > 0) await systemFault("evaluation-failed", context);
  return hasMore;
}

/** Looks for what somebody changed in the database, and for patients whom nobody watches yet. */
async function sweepNow(context: Context): Promise<boolean> {
  const now = context.clock.now();
  if (now < context.sweptAt + SWEEP_MS) return false;
  if (await mendProgress(context.database, now)) {
    context.log.error("how far alerts are evaluated was changed in the database");
    await systemFault("progress-altered", context);
  }
  const altered = await context.database.withTransaction(async (tx) => {
    if ((await lockProgress(tx)) === undefined) return undefined;
    await beginWatching(tx, { keyring: context.keyring, now });
    return raiseAltered(tx, now, context);
  });
  if (altered === undefined) return false;
  context.sweptAt = now;
  if (altered.length === 0) return false;
  context.log.error("alerts were changed in the database", { count: altered.length });
  context.onChanged(altered);
  await systemFault("alert-altered", context);
  return true;
}
