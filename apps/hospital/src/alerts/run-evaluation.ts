import type { Clock } from "@siphms/server-kit";
import {
  readWatchedEntries,
  type AuditFence,
  type NamedMessage,
  type WatchedEntry,
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
import { lockProgress, storeProgress } from "./progress.ts";
import { inSavepoint } from "./savepoint.ts";
import { planWorks, type Work } from "./works.ts";
import { writeWorks } from "./write-works.ts";

/** What evaluating needs. */
export interface EvaluationPorts {
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
/** How often a patient's alerts are tried to be written before what came of them is given up. */
const MAX_TRIES = 3;

/** Entries that failed, and how often: each is tried again, and none for ever. */
export type Tries = Map<number, number>;

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
  { candidate, tries }: { readonly candidate: AuditFence | undefined; readonly tries: Tries },
): Promise<EvaluationRun> {
  return ports.database.withTransaction(async (tx) => {
    const progress = await lockProgress(tx);
    if (progress === undefined) return NOT_MINE;
    const now = ports.clock.now();
    const { doneId, ahead } = progress;
    const entries = await readWatchedEntries(tx, { after: doneId, except: ahead, limit: CHUNK });
    const due = await findDuePatients(tx, { now, limit: CHUNK });
    const run = newRun(entries, due);
    if (run.patientIds.length > 0) await evaluateAll(tx, run, { ...ports, now, tries });
    const retried = new Set(run.retried);
    const left = entries.filter(({ patientId }) => retried.has(patientId));
    const hasMore = entries.length === CHUNK;
    await storeProgress(tx, progress, {
      ids: entries.filter(({ patientId }) => !retried.has(patientId)).map(({ id }) => id),
      undoneFrom: left[0]?.id ?? (hasMore ? (entries.at(-1)?.id ?? 0) + 1 : undefined),
      fence: candidate,
    });
    return {
      isMine: true,
      hasMore: hasMore || due.length === CHUNK,
      changed: run.changed,
      evaluated: run.evaluated,
      raised: run.raised,
      oldestAt: run.oldestAt,
      faults: run.faults,
    };
  });
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
  readonly entries: readonly WatchedEntry[];
  readonly patientIds: readonly string[];
  readonly changed: string[];
  /** Patients whose entries stay undone. */
  readonly retried: string[];
  readonly faults: { readonly why: EvaluationFault; readonly error?: unknown }[];
  evaluated: number;
  raised: number;
  oldestAt: number | undefined;
}

function newRun(entries: readonly WatchedEntry[], due: readonly string[]): Run {
  const patientIds = [...new Set([...entries.map(({ patientId }) => patientId), ...due])];
  return {
    ...{ entries, patientIds, evaluated: 0, raised: 0, oldestAt: undefined },
    ...{ changed: [], retried: [], faults: [] },
  };
}

interface RunContext extends EvaluationPorts {
  readonly now: number;
  readonly tries: Tries;
}

async function evaluateAll(tx: Transaction, run: Run, context: RunContext): Promise<void> {
  const { keyring, now } = context;
  const messages = run.entries.flatMap(({ message }) => message ?? []);
  const gathered = await gatherMended(tx, { run, messages }, context);
  const open: OpenPatient[] = [];
  const skipped: string[] = [];
  for (const one of gathered) {
    const cipher = await cipherOf(tx, one.patientId, keyring);
    const patient = cipher && openPatient(one, cipher);
    if (patient === undefined) {
      skipped.push(one.patientId);
      run.faults.push({ why: cipher === undefined ? "key-missing" : "patient-altered" });
      continue;
    }
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
    const outcome = evaluatePatient(patient, { now, missing: missing.get(patientId) });
    const works = planWorks(gathered.open, outcome.changes, now);
    if (works.length > 0) {
      const write = { patientId, keyring, cipher, notifier, now };
      await inSavepoint(tx, () => writeWorks(tx, works, write));
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
    if (isToBeRetried(run, patientId, context.tries)) run.retried.push(patientId);
    else run.faults.push({ why: "evaluation-failed", error });
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

/** Counts a try for each of the patient's entries; once one was tried often enough, all are given up. */
function isToBeRetried(run: Run, patientId: string, tries: Tries): boolean {
  const ids = run.entries.filter((entry) => entry.patientId === patientId).map(({ id }) => id);
  let most = 0;
  for (const id of ids) {
    const tried = (tries.get(id) ?? 0) + 1;
    tries.set(id, tried);
    most = Math.max(most, tried);
  }
  const isRetried = ids.length > 0 && most < MAX_TRIES;
  if (!isRetried) for (const id of ids) tries.delete(id);
  return isRetried;
}
