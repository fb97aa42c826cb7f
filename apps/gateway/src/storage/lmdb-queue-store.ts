import { mailboxHeadBytes, type Bytes } from "@siphms/relay";
import type {
  IncomingEnvelope,
  MailboxPart,
  QueuedEnvelope,
  QueueLimits,
  QueueStore,
  SessionRef,
  Settlement,
} from "../domain/ports.ts";
import { StoreError } from "../domain/store-error.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { Environment } from "./environment.ts";
import { endOf, hospitalKey, hospitalOf, numberedKey, numberOf, sessionKey } from "./keys.ts";
import { createQueueDepth, type QueueDepth } from "./queue-depth.ts";
import { sweepStore } from "./sweep.ts";
import { encodeRecord, queuedBody, queuedBodyBytes, queuedSid, recordRest } from "./record.ts";

/** What the store works on. */
interface Parts {
  readonly environment: Environment;
  readonly depth: QueueDepth;
  /** The next number of queue and mailbox; called inside a transaction only. */
  readonly nextNumber: () => number;
}

const COUNTER_KEY = Buffer.from("number");

/**
 * Opens the queue on LMDB.
 *
 * Reads the whole queue once to count it. Numbers go on where the last durable transaction left them.
 */
export function openLmdbQueueStore(
  environment: Environment,
  limits: QueueLimits,
  room: DiskRoom,
): QueueStore {
  const depth = createQueueDepth(limits);
  for (const { key, value } of environment.queue.getRange()) {
    depth.count({ hospital: hospitalOf(key), sid: queuedSid(value) }, queuedBodyBytes(value));
  }
  const parts: Parts = { environment, depth, nextNumber: createNumbers(environment) };
  const { commits } = environment;
  return {
    enqueue: (envelope) => (room.hasRoom() ? enqueue(parts, envelope) : Promise.resolve("full")),
    pending: (hospital, after, limit) => readPending(environment, { hospital, after, ...limit }),
    settle: (hospital, settlements, at) => settle(parts, { hospital, settlements, at }),
    readMailbox: (session, after, maxBytes) =>
      readMailbox(environment, { session, after, maxBytes }),
    acknowledge: (session, upTo) => acknowledge(environment, session, upTo),
    isClosed: (session) => environment.closed.get(sessionKey(session)) !== undefined,
    useTokenOnce: (token, expiresAt) => useTokenOnce(environment, token, expiresAt),
    sweep: (before, now) => sweepStore(environment, depth, { before, now }),
    queuedFor: (hospital) => depth.ofHospital(hospital),
    usage: () => depth.usage(),
    works: () => commits.works() && room.hasRoom(),
    probe: () => probe(parts),
    async close() {
      room.close();
      await environment.close();
    },
  };
}

// A number that was given once must not come again even if its envelope is long gone: an answer to the old one may be under way.
function createNumbers({ counters }: Environment): () => number {
  return () => {
    const stored = counters.get(COUNTER_KEY);
    const next = (stored === undefined ? 0 : Number(stored.readBigUInt64BE(0))) + 1;
    const value = Buffer.alloc(8);
    value.writeBigUInt64BE(BigInt(next));
    void counters.put(COUNTER_KEY, value);
    return next;
  };
}

async function enqueue(parts: Parts, envelope: IncomingEnvelope): Promise<number | "full"> {
  const { environment, depth, nextNumber } = parts;
  const bytes = envelope.body.length;
  if (!depth.reserve(envelope, bytes)) return "full";
  try {
    return await environment.commits.run(() => {
      const number = nextNumber();
      const key = numberedKey(hospitalKey(envelope.hospital), number);
      void environment.queue.put(key, encodeRecord(envelope.at, envelope.sid, envelope.body));
      return number;
    });
  } catch (error) {
    depth.release(envelope, bytes);
    if (error instanceof StoreError) return "full";
    throw error;
  }
}

function readPending(
  { queue }: Environment,
  want: { hospital: string; after: number; count: number; bytes: number },
): readonly QueuedEnvelope[] {
  const prefix = hospitalKey(want.hospital);
  const start = numberedKey(prefix, want.after + 1);
  const found: QueuedEnvelope[] = [];
  let bytes = 0;
  for (const { key, value } of queue.getRange({ start, end: endOf(prefix), limit: want.count })) {
    found.push({ number: numberOf(key), sid: queuedSid(value), body: queuedBody(value) });
    bytes += value.length;
    if (bytes >= want.bytes) break;
  }
  return found;
}

interface Settling {
  readonly hospital: string;
  readonly settlements: readonly Settlement[];
  readonly at: number;
}

async function settle(parts: Parts, settling: Settling): Promise<readonly boolean[]> {
  const { hospital, settlements, at } = settling;
  const outcomes = await parts.environment.commits.run(() =>
    settlements.map((one) => settleOne(parts, { session: { hospital, sid: one.sid }, one, at })),
  );
  return outcomes.map((outcome, index) => {
    const sid = settlements[index]?.sid;
    if (sid !== undefined && outcome.freedBytes !== undefined) {
      parts.depth.release({ hospital, sid }, outcome.freedBytes);
    }
    return outcome.effect;
  });
}

interface OneSettling {
  readonly session: SessionRef;
  readonly one: Settlement;
  readonly at: number;
}

interface SettleOutcome {
  readonly effect: boolean;
  /** Bytes of the envelope that left the queue, if one did. */
  readonly freedBytes?: number;
}

function settleOne(parts: Parts, { session, one, at }: OneSettling): SettleOutcome {
  switch (one.kind) {
    case "answer": {
      const freedBytes = takeQueued(parts.environment, session, one.number);
      if (freedBytes === undefined) return { effect: false };
      deliver(parts, session, encodeRecord(at, one.envelope));
      return { effect: true, freedBytes };
    }
    case "no-answer": {
      const freedBytes = takeQueued(parts.environment, session, one.number);
      return freedBytes === undefined ? { effect: false } : { effect: true, freedBytes };
    }
    case "notice":
      return { effect: deliver(parts, session, encodeRecord(at, one.envelope)) };
    case "close":
      return { effect: closeSession(parts.environment, session, at) };
  }
}

function takeQueued(
  { queue }: Environment,
  session: SessionRef,
  number: number,
): number | undefined {
  const key = numberedKey(hospitalKey(session.hospital), number);
  const record = queue.get(key);
  if (record === undefined || Buffer.compare(queuedSid(record), session.sid) !== 0)
    return undefined;
  void queue.remove(key);
  return queuedBodyBytes(record);
}

// Nobody can read the mailbox of a closed session any more, so nothing is put there.
function deliver(parts: Parts, session: SessionRef, record: Buffer): boolean {
  const { environment, nextNumber } = parts;
  const key = sessionKey(session);
  if (environment.closed.get(key) !== undefined) return false;
  void environment.mailbox.put(numberedKey(key, nextNumber()), record);
  return true;
}

function closeSession({ closed, mailbox }: Environment, session: SessionRef, at: number): boolean {
  const prefix = sessionKey(session);
  if (closed.get(prefix) !== undefined) return false;
  void closed.put(prefix, encodeRecord(at));
  for (const key of [...mailbox.getKeys({ start: prefix, end: endOf(prefix) })])
    void mailbox.remove(key);
  return true;
}

function readMailbox(
  { mailbox }: Environment,
  want: { session: SessionRef; after: number; maxBytes: number },
): MailboxPart | undefined {
  const prefix = sessionKey(want.session);
  const start = numberedKey(prefix, want.after + 1);
  const envelopes: Bytes[] = [];
  let last = want.after;
  let bytes = 0;
  for (const { key, value } of mailbox.getRange({ start, end: endOf(prefix) })) {
    const envelope = recordRest(value);
    bytes += mailboxHeadBytes(envelope.length) + envelope.length;
    if (bytes > want.maxBytes) break;
    envelopes.push(envelope);
    last = numberOf(key);
  }
  return envelopes.length === 0 ? undefined : { envelopes, last };
}

async function acknowledge(
  { mailbox, commits }: Environment,
  session: SessionRef,
  upTo: number,
): Promise<void> {
  const prefix = sessionKey(session);
  const range = { start: prefix, end: numberedKey(prefix, upTo), inclusiveEnd: true };
  // Most polls acknowledge nothing new and need no transaction.
  if ([...mailbox.getKeys({ ...range, limit: 1 })].length === 0) return;
  await commits.run(() => {
    for (const key of [...mailbox.getKeys(range)]) void mailbox.remove(key);
  });
}

function useTokenOnce(
  { tokens, commits }: Environment,
  token: string,
  expiresAt: number,
): Promise<boolean> {
  const key = Buffer.from(token, "utf8");
  return commits.run(() => {
    if (tokens.get(key) !== undefined) return false;
    void tokens.put(key, encodeRecord(expiresAt));
    return true;
  });
}

async function probe({ environment, nextNumber }: Parts): Promise<void> {
  if (environment.commits.works()) return;
  try {
    await environment.commits.run(nextNumber);
  } catch (error) {
    // Still broken, as `works` goes on saying.
    if (!(error instanceof StoreError)) throw error;
  }
}
