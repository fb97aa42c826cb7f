import { createHash } from "node:crypto";
import type { Call } from "./strace.ts";

/** What a program told somebody before what it told was durable, or that nothing shows that it was. */
export interface Premature {
  /** Place of the telling in the order of all calls. */
  readonly at: number;
  readonly what: string;
}

/** Acknowledgements of one kind: how many there were, and which of them came too early. */
export interface Acknowledged {
  readonly count: number;
  readonly premature: readonly Premature[];
}

const WRITES = new Set(["write", "writev", "sendto", "sendmsg", "pwrite64", "pwritev", "pwritev2"]);
const READS = new Set(["read", "readv", "recvfrom", "recvmsg"]);
const SYNCS = new Set(["fdatasync", "fsync", "msync"]);
const HEAD_END = "\r\n\r\n";
/** An answer to an envelope is longer than this, a credit or a pong shorter. */
const LEAST_ANSWER_BYTES = 100;

const isWrite = ({ name }: Call): boolean => WRITES.has(name);
const isRead = ({ name, result }: Call): boolean => READS.has(name) && result > 0;
const isTcp = ({ place }: Call): boolean => place.startsWith("TCP");
const isOf =
  (file: string) =>
  ({ place }: Call): boolean =>
    place.endsWith(file);

/** The first call behind another that fits. */
function next(
  calls: readonly Call[],
  after: Call | undefined,
  fits: (call: Call) => boolean,
): Call | undefined {
  if (after === undefined) return undefined;
  return calls.find((call) => call.begin > after.end && call.result >= 0 && fits(call));
}

function judge(
  tellings: readonly { readonly telling: Call; readonly durable: Call | undefined }[],
  what: string,
): Acknowledged {
  const premature = tellings
    .filter(({ telling, durable }) => durable === undefined || durable.end >= telling.begin)
    .map(({ telling }) => ({ at: telling.begin, what }));
  return { count: tellings.length, premature };
}

/** An envelope on its way: the request that brought it to the gateway, and its bytes. */
interface Arrival {
  readonly call: Call;
  readonly envelope: Buffer;
}

function arrivals(calls: readonly Call[]): readonly Arrival[] {
  return calls.flatMap((call) => {
    if (!isRead(call) || !isTcp(call) || !call.data.includes("POST /v1/sessions/")) return [];
    const head = call.data.indexOf(HEAD_END);
    const envelope = call.data.subarray(head + HEAD_END.length);
    return head < 0 || envelope.length === 0 ? [] : [{ call, envelope }];
  });
}

/**
 * The call with which an envelope is durable in the gateway's LMDB: its page is written, the data are synced, and then
 * the page that makes them count is written through the file that syncs by itself (`O_DSYNC`).
 */
function queued(
  calls: readonly Call[],
  { call, envelope }: Arrival,
  syncingFd: number,
): Call | undefined {
  const isQueue = isOf("/queue.lmdb");
  const page = next(
    calls,
    call,
    (one) => isWrite(one) && isQueue(one) && one.data.includes(envelope),
  );
  const synced = next(calls, page, (one) => SYNCS.has(one.name) && isQueue(one));
  return next(calls, synced, (one) => isWrite(one) && isQueue(one) && one.fd === syncingFd);
}

/** Every 200 and 202 of the gateway to an envelope, and every handing on of it, comes after it is durable there. */
export function gatewayAcknowledgements(calls: readonly Call[], syncingFd: number): Acknowledged {
  const tellings = arrivals(calls).flatMap((arrival) => {
    const { call, envelope } = arrival;
    const durable = queued(calls, arrival, syncingFd);
    const isAnswer = (one: Call): boolean =>
      isWrite(one) &&
      one.place === call.place &&
      /^HTTP\/1\.1 20[02]/.test(one.data.toString("latin1", 0, 12));
    const isHandedOn = (one: Call): boolean =>
      isWrite(one) && isTcp(one) && one.place !== call.place && one.data.includes(envelope);
    const told = [next(calls, call, isAnswer), next(calls, call, isHandedOn)];
    return told.flatMap((telling) => (telling === undefined ? [] : [{ telling, durable }]));
  });
  return judge(tellings, "told by the gateway before it was durable in its queue");
}

/**
 * Every answer that leaves the hospital comes after the database said that its transaction is committed, and that after
 * the sync of its write-ahead log.
 *
 * Only for a device that sends one envelope at a time: an answer's text is masked, and only its place tells whose it is.
 */
export function hospitalAcknowledgements(calls: readonly Call[]): Acknowledged {
  const tellings = arrivals(calls).flatMap(({ call, envelope }) => {
    const taken = next(
      calls,
      call,
      (one) => isRead(one) && isTcp(one) && one.place !== call.place && one.data.includes(envelope),
    );
    const answer = next(
      calls,
      taken,
      (one) => isWrite(one) && one.place === taken?.place && one.data.length > LEAST_ANSWER_BYTES,
    );
    if (answer === undefined) return [];
    return [{ telling: answer, durable: committed(calls, taken, envelope) }];
  });
  return judge(tellings, "told by the hospital before it was durable in the database");
}

/**
 * The call with which the hospital learns that the transaction which stores an envelope is durable. It is the one that is
 * given the envelope's hash; others, of jobs beside ingest, commit in between.
 */
function committed(
  calls: readonly Call[],
  after: Call | undefined,
  envelope: Buffer,
): Call | undefined {
  const hash = createHash("sha256").update(envelope).digest();
  const stored = next(calls, after, isReadHolding(hash));
  const asked = next(
    calls,
    stored,
    (one) => isRead(one) && one.pid === stored?.pid && isCommit(one.data, "Q"),
  );
  const synced = next(calls, asked, (one) => SYNCS.has(one.name) && one.place.includes("/pg_wal/"));
  const said = next(
    calls,
    synced,
    (one) => isWrite(one) && one.pid === asked?.pid && isCommit(one.data, "C"),
  );
  // It can be read before the call that wrote it has returned.
  return (
    said && calls.find((one) => one.begin > said.begin && isRead(one) && isCommit(one.data, "C"))
  );
}

/** Whether a read ends the first appearance of some bytes to its process; they may have begun in the read before it. */
function isReadHolding(bytes: Buffer): (call: Call) => boolean {
  const ends = new Map<number, Buffer>();
  return (call) => {
    if (!isRead(call)) return false;
    const read = Buffer.concat([ends.get(call.pid) ?? Buffer.alloc(0), call.data]);
    ends.set(call.pid, read.subarray(-bytes.length));
    return read.includes(bytes);
  };
}

/** PostgreSQL's protocol: a query (Q) or the word that a command is complete (C). */
function isCommit(data: Buffer, kind: "Q" | "C"): boolean {
  return data.toString("latin1", 0, 1) === kind && data.includes("COMMIT\0");
}

/** Every reading that a device calls recorded was synced before, and so was everything that it had stored when it posts. */
export function deviceAcknowledgements(calls: readonly Call[]): Acknowledged {
  const isStore = isOf("/store.log");
  const durableSince = (stored: Call | undefined): Call | undefined =>
    next(calls, stored, (one) => SYNCS.has(one.name) && isStore(one));
  // What it keeps beside them, such as how far it has the hospital's log proved, is promised to nobody by a post.
  const isOfPost = ({ data }: Call): boolean =>
    data.includes("item/") || data.includes("delivery/");
  const stores = calls.filter((call) => isWrite(call) && isStore(call) && isOfPost(call));
  const tellings = calls.flatMap((telling) => {
    if (!isWrite(telling)) return [];
    if (isTcp(telling) && telling.data.includes("POST /v1/sessions/")) {
      return [
        { telling, durable: durableSince(stores.findLast(({ begin }) => begin < telling.begin)) },
      ];
    }
    return recordedIds(telling).map((id) => {
      const item = `item/${Buffer.from(id, "base64url").toString("hex")}`;
      return { telling, durable: durableSince(stores.find(({ data }) => data.includes(item))) };
    });
  });
  return judge(tellings, "told by the device before it was durable in its store");
}

/** The items of a line of history that says that they are recorded. */
function recordedIds({ place, data }: Call): readonly string[] {
  if (!place.endsWith("/history.jsonl") || !data.includes('"op":"recorded"')) return [];
  return (JSON.parse(data.toString()) as { ids: readonly string[] }).ids;
}
