import type { Clock } from "@siphms/server-kit";
import {
  readWatchedEntries,
  type AuditFence,
  type NamedMessage,
  type WatchedEntries,
} from "../audit/index.ts";
import { isShortage, type Database, type Transaction } from "../database/index.ts";
import { KeyError, type Keyring, type PatientCipher } from "../keys/index.ts";
import type { Notifier } from "../notify/index.ts";
import { evaluatePatient, openPatient, type OpenPatient } from "./evaluate-patient.ts";
import { findMissing } from "./gaps.ts";
import { raiseAltered } from "./altered-alerts.ts";
import { gather, type Gathered } from "./gather.ts";
import {
  findDuePatients,
  PUT_OFF_MS,
  putOff,
  sealRemembered,
  storeStates,
} from "./patient-state.ts";
import { lockProgress, storeProgress, type Reached } from "./progress.ts";
import { inSavepoint } from "./savepoint.ts";
import type { Setbacks } from "./setbacks.ts";
import { planWorks, type Work } from "./works.ts";
import { writeWorks } from "./write-works.ts";

/** What evaluating needs. */
export interface EvaluationPorts {
  /** Before this real time nobody is told of silence; ms. */
  readonly quietUntil?: number | undefined;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly notifier: Notifier;
}

/** Why a patient, or something of them, could not be evaluated; as docs/operations explain it. */
export type EvaluationFault =
  | "alert-altered"
  | "evaluation-failed"
  | "key-missing"
  | "message-altered"
  | "patient-altered"
  | "plan-altered"
  | "progress-altered"
  | "progress-locked"
  | "state-altered";

/** What one run came to, once it is committed. */
export interface EvaluationRun {
  /** False where another process is at work. */
  readonly isMine: boolean;
  /** Whether there may be more to do at once. */
  readonly hasMore: boolean;
  /** Patients of whom a screen shows something else now. */
  readonly changed: readonly string[];
  readonly evaluated: number;
  readonly raised: number;
  /** When the oldest message came that was evaluated, real ms. */
  readonly oldestAt: number | undefined;
  readonly faults: readonly { readonly why: EvaluationFault; readonly error?: unknown }[];
}

/** Entries gone through in one transaction. */
const CHUNK = 200;
/** More entries than this are not kept undone behind a patient whose evaluation fails. */
const MAX_AHEAD = 20_000;

/**
 * Evaluates what was stored since the last run, and whoever is due by time.
 *
 * State, alerts, who is told, and how far the log is gone through are one transaction: nothing is missed by a crash and
 * nothing is raised twice, however many processes there are. A patient who cannot be evaluated holds up nobody else.
 *
 * @param candidate - A fence that was set before this call, for the log's bookkeeping.
 */
export async function runEvaluation(
  ports: EvaluationPorts,
  {
    candidate,
    setbacks,
  }: { readonly candidate: AuditFence | undefined; readonly setbacks: Setbacks },
): Promise<EvaluationRun> {
  const now = ports.clock.now();
  const done = await ports.database.withTransaction(async (tx) => {
    const progress = await lockProgress(tx);
    if (progress === undefined) return undefined;
    const { doneId, ahead } = progress;
    const waiting = setbacks.waiting(now);
    const range = { after: doneId, except: ahead, exceptPatients: waiting, limit: CHUNK };
    const read = await readWatchedEntries(tx, range);
    const due = await findDuePatients(tx, { now, limit: CHUNK });
    const run = newRun(
      read,
      due.filter((id) => !waiting.includes(id)),
    );
    const context = { ...ports, now, setbacks, isFull: ahead.length >= MAX_AHEAD };
    if (run.patientIds.length > 0) await evaluateAll(tx, run, context);
    await storeProgress(tx, progress, { ...reachedBy(run, setbacks), fence: candidate });
    return run;
  });
  return done === undefined ? NOT_MINE : settle(done, now, setbacks);
}

/** What was gone through: not what failed, now or before. */
function reachedBy(
  { read, retried }: Run,
  setbacks: Setbacks,
): Pick<Reached, "ids" | "undoneFrom"> {
  const left = read.entries.find(({ patientId }) => retried.has(patientId));
  const undone = [left?.id, setbacks.firstUndone()];
  if (read.hasMore && read.lastId !== undefined) undone.push(read.lastId + 1);
  const ids = undone.flatMap((id) => id ?? []);
  return {
    ids: read.entries.filter(({ patientId }) => !retried.has(patientId)).map(({ id }) => id),
    undoneFrom: ids.length === 0 ? undefined : Math.min(...ids),
  };
}

/** What is only true once the run is committed. */
function settle(run: Run, now: number, setbacks: Setbacks): EvaluationRun {
  const { read, retried, changed, evaluated, raised, oldestAt, faults } = run;
  for (const patientId of run.patientIds) {
    if (!retried.has(patientId)) setbacks.over(patientId);
  }
  for (const patientId of retried) {
    const firstId = read.entries.find((entry) => entry.patientId === patientId)?.id;
    setbacks.failed(patientId, { now, firstId });
  }
  const hasMore = read.hasMore || run.isDueFull;
  return { isMine: true, hasMore, changed, evaluated, raised, oldestAt, faults };
}

const NOT_MINE: EvaluationRun = {
  isMine: false,
  hasMore: false,
  changed: [],
  evaluated: 0,
  raised: 0,
  oldestAt: undefined,
  faults: [],
};

interface Run {
  readonly read: WatchedEntries;
  readonly patientIds: readonly string[];
  readonly isDueFull: boolean;
  readonly changed: string[];
  /** Patients whose evaluation failed, and is tried again. */
  readonly retried: Set<string>;
  readonly faults: { readonly why: EvaluationFault; readonly error?: unknown }[];
  evaluated: number;
  raised: number;
  oldestAt: number | undefined;
}

function newRun(read: WatchedEntries, due: readonly string[]): Run {
  const patientIds = [...new Set([...read.entries.map(({ patientId }) => patientId), ...due])];
  return {
    ...{ read, patientIds, isDueFull: due.length === CHUNK },
    ...{ evaluated: 0, raised: 0, oldestAt: undefined },
    ...{ changed: [], retried: new Set(), faults: [] },
  };
}

interface RunContext extends EvaluationPorts {
  readonly now: number;
  readonly setbacks: Setbacks;
  /** Whether so much is kept behind what failed that it has to be given up. */
  readonly isFull: boolean;
}

async function evaluateAll(tx: Transaction, run: Run, context: RunContext): Promise<void> {
  const { keyring, now } = context;
  const messages = run.read.entries.flatMap(({ message }) => message ?? []);
  const gathered = await gatherMended(tx, { run, messages }, context);
  const open: OpenPatient[] = [];
  const skipped: string[] = [];
  for (const one of gathered) {
    const cipher = await cipherOf(tx, one.patientId, keyring);
    if (cipher === undefined) {
      skipped.push(one.patientId);
      run.faults.push({ why: "key-missing" });
      continue;
    }
    const patient = openPatient(one, cipher);
    if (one.clock === undefined) run.faults.push({ why: "patient-altered" });
    if (patient.isStateLost) run.faults.push({ why: "state-altered" });
    if (one.isPlanAltered) run.faults.push({ why: "plan-altered" });
    open.push(patient);
  }
  const looked = open.filter(({ remembered }) => now >= remembered.gaps.lookAt);
  const ids = looked.map(({ gathered: { patientId } }) => patientId);
  const missing = await findMissing(tx, ids, now);
  const states = [];
  for (const patient of open) {
    const state = await evaluateOne(tx, { run, patient, missing }, context);
    if (state === undefined) skipped.push(patient.gathered.patientId);
    else states.push(state);
  }
  await storeStates(tx, states);
  await putOff(tx, skipped, now + PUT_OFF_MS);
}

/** Where an open alert was altered, it is first raised anew: else nothing of its rule could be told. */
async function gatherMended(
  tx: Transaction,
  { run, messages }: { readonly run: Run; readonly messages: readonly NamedMessage[] },
  context: RunContext,
): Promise<readonly Gathered[]> {
  const wanted = { patientIds: run.patientIds, messages };
  const { patients, altered } = await gather(tx, wanted, context.keyring);
  if (altered === 0) return patients;
  run.changed.push(...(await raiseAltered(tx, context.now, context)));
  run.faults.push({ why: "alert-altered" });
  return (await gather(tx, wanted, context.keyring)).patients;
}

async function cipherOf(
  tx: Transaction,
  patientId: string,
  keyring: Keyring,
): Promise<PatientCipher | undefined> {
  try {
    return await keyring.patientCipher(tx, patientId);
  } catch (error) {
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}

interface OneOfRun {
  readonly run: Run;
  readonly patient: OpenPatient;
  readonly missing: ReadonlyMap<string, readonly string[]>;
}

async function evaluateOne(
  tx: Transaction,
  { run, patient, missing }: OneOfRun,
  context: RunContext,
): Promise<Parameters<typeof storeStates>[1][number] | undefined> {
  const { now, keyring, notifier } = context;
  const { gathered, cipher } = patient;
  const { patientId } = gathered;
  try {
    const outcome = evaluatePatient(patient, {
      ...{ now, missing: missing.get(patientId) },
      quietUntil: context.quietUntil,
    });
    const works = planWorks(gathered.open, outcome.changes, now);
    if (works.length > 0) {
      const write = { patientId, keyring, cipher, notifier, now };
      await inSavepoint(tx, (within) => writeWorks(within, works, write));
    }
    note(run, { patientId, works, isOther: works.length > 0 || outcome.isScoreOther });
    for (let count = 0; count < outcome.unopened; count++) {
      run.faults.push({ why: "message-altered" });
    }
    run.oldestAt = oldest(run.oldestAt, gathered.batches);
    return {
      patientId,
      sealed: sealRemembered(cipher, patientId, outcome.remembered),
      nextAt: outcome.remembered.nextAt,
    };
  } catch (error) {
    if (isShortage(error)) throw error;
    const { setbacks, isFull } = context;
    if (!isFull && !setbacks.isHopeless(patientId, now)) run.retried.add(patientId);
    if (isFull || setbacks.isLasting(patientId))
      run.faults.push({ why: "evaluation-failed", error });
    return undefined;
  }
}

function note(
  run: Run,
  done: {
    readonly patientId: string;
    readonly works: readonly Work[];
    readonly isOther: boolean;
  },
): void {
  run.evaluated += 1;
  run.raised += done.works.filter(({ tell }) => tell).length;
  if (done.isOther) run.changed.push(done.patientId);
}

function oldest(
  before: number | undefined,
  batches: readonly { readonly receivedAt: number }[],
): number | undefined {
  return batches.reduce<number | undefined>(
    (at, { receivedAt }) => Math.min(at ?? receivedAt, receivedAt),
    before,
  );
}
