import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import { appendLeaves, rootOfEdge, TILE_WIDTH, type StoredTile } from "@siphms/tlog";
import type { Database, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { readNewestCheckpoint, storeCheckpoint, type LogHead } from "./checkpoints.ts";
import { AuditLogError } from "./error.ts";
import { NO_TREE, treeToGoOnFrom, type KnownTree } from "./known-tree.ts";
import { openCurrentLogKey } from "./log-keys.ts";
import { tryLockLog } from "./log-lock.ts";
import { readNewEntries, setEntryFence } from "./new-entries.ts";
import { createPulse } from "./pulse.ts";
import { isPassed, type AuditFence } from "./stored-messages.ts";

/** What the sequencer needs. */
export interface SequencerPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of each new head, after it is stored for good. */
  readonly onCheckpoint?: (head: LogHead) => void;
  /** Told that rows were found which no program of the hospital wrote: they are passed by. */
  readonly onForged?: () => void;
}

/** Gives entries their places in the log and signs its heads. */
export interface Sequencer {
  /** The newest head that this program knows; `undefined` until the first. */
  readonly newest: LogHead | undefined;
  /** Whether the last run found a stored log that is not the one that was signed. */
  readonly isAltered: boolean;
  /** Takes in every entry that can be seen now. */
  run(): Promise<void>;
  /** Runs at once and then each second. */
  start(): void;
  /** Ends that, after a last run. */
  stop(): Promise<void>;
}

const INTERVAL_MS = 1000;

/**
 * Creates the one that makes a log of entries.
 *
 * Everything is in the database, so that a program that is killed leaves nothing undone that the next one does not find;
 * of several programs one works at a time. No entry is left out for good: how far all of them are leaves moves on only
 * past entries of transactions that have ended.
 */
export function createSequencer(ports: SequencerPorts): Sequencer {
  const { database, log, onCheckpoint } = ports;
  let known: KnownTree = NO_TREE;
  /** Up to where every entry is a leaf: newest heads say it too, but there is none where nothing is new. */
  let doneId = 0;
  let fence: AuditFence | undefined;
  let isFailing = false;
  let isAltered = false;
  let newest: LogHead | undefined;

  const hear = (head: LogHead | undefined): void => {
    if (head === undefined || head.checkpointId <= (newest?.checkpointId ?? 0)) return;
    newest = head;
    onCheckpoint?.(head);
  };

  const run = async (): Promise<void> => {
    for (let isMore = true; isMore;) {
      fence ??= await setEntryFence(database);
      const passed = (await isPassed(database, fence)) ? fence.id : 0;
      const step = await database.withTransaction((tx) =>
        takeNext(tx, { passed, known, doneId }, ports),
      );
      if (step === undefined) return;
      ({ known, doneId } = step);
      if (doneId >= fence.id) fence = undefined;
      hear(step.head);
      if (step.forged > 0) ports.onForged?.();
      ({ isMore } = step);
    }
    isFailing = false;
    isAltered = false;
  };

  const pulse = createPulse(
    () =>
      run().catch((error: unknown) => {
        // Said once: it is tried again each second.
        if (!isFailing) log.error("the audit log is not carried on", errorFields(error));
        isFailing = true;
        isAltered ||= error instanceof AuditLogError;
      }),
    INTERVAL_MS,
  );

  return {
    get newest() {
      return newest;
    },
    get isAltered() {
      return isAltered;
    },
    run,
    start: () => pulse.start(),
    stop: () => pulse.stop(),
  };
}

interface Step {
  readonly known: KnownTree;
  readonly head: LogHead | undefined;
  /** Every entry up to this id is a leaf. */
  readonly doneId: number;
  readonly isMore: boolean;
  /** How many rows were passed by. */
  readonly forged: number;
}

/** Makes leaves of the next entries and signs the head. @returns `undefined` where another program does, or no log has begun. */
async function takeNext(
  tx: Transaction,
  before: { readonly passed: number; readonly known: KnownTree; readonly doneId: number },
  { keyring, clock }: SequencerPorts,
): Promise<Step | undefined> {
  if (!(await tryLockLog(tx))) return undefined;
  const key = await openCurrentLogKey(tx, keyring);
  if (key === undefined) return undefined;
  const newest = await readNewestCheckpoint(tx);
  const known = await treeToGoOnFrom(tx, newest, { known: before.known, key });
  const from = Math.max(before.doneId, newest?.doneId ?? 0);
  const { eventIds, hashes, isMore, readUpTo, forged } = await readNewEntries(tx, keyring, from);
  const reached = isMore ? Math.min(before.passed, readUpTo) : before.passed;
  const doneId = Math.max(from, reached);
  if (eventIds.length === 0) return { known, head: newest, doneId, isMore, forged };
  const { edge, tiles } = appendLeaves(known.edge, hashes);
  await insertLeaves(tx, known.edge.size, eventIds);
  await insertTiles(tx, tiles);
  const root = rootOfEdge(edge);
  const tree = { size: edge.size, root };
  const head = await storeCheckpoint(tx, { head: tree, key, doneId, now: clock.now() });
  return { known: { edge, root }, head, doneId, isMore, forged };
}

async function insertLeaves(
  tx: Transaction,
  size: number,
  eventIds: readonly number[],
): Promise<void> {
  await tx.query(
    `INSERT INTO audit_leaves (idx, event_id)
     SELECT $1::bigint + place - 1, id FROM unnest($2::bigint[]) WITH ORDINALITY AS made (id, place)`,
    [size, eventIds],
  );
}

async function insertTiles(tx: Transaction, tiles: readonly StoredTile[]): Promise<void> {
  const full = tiles.filter(({ width }) => width === TILE_WIDTH);
  if (full.length === 0) return;
  await tx.query(
    `INSERT INTO audit_tiles (level, idx, bytes)
     SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])`,
    [
      full.map(({ level }) => level),
      full.map(({ index }) => index),
      full.map(({ bytes }) => bytes),
    ],
  );
}
