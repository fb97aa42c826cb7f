import type { KeyObject } from "node:crypto";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Bytes, SigningKey, VerifyKey } from "@siphms/cose";
import { SIGNATURE_BYTES, type CrewResult, type CrewTask, type NumberedKey } from "./crew-task.ts";
import { platformKey, type NodeCrypto } from "./node-crypto.ts";

/** A signature to check. */
export interface SignatureToVerify {
  readonly key: VerifyKey;
  readonly signature: Uint8Array;
  readonly data: Uint8Array;
}

/** A text to sign. */
export interface TextToSign {
  readonly key: SigningKey;
  readonly data: Uint8Array;
}

/** Makes and checks many signatures at once, on all cores, without holding up the event loop. */
export interface SignatureCrew {
  /** @returns Whether each signature is good, in their order. Never rejects for a bad one. */
  verifyAll(items: readonly SignatureToVerify[]): Promise<readonly boolean[]>;
  /** @returns The signatures, r‖s, in the order of the texts. */
  signAll(items: readonly TextToSign[]): Promise<readonly Bytes[]>;
  /** Ends the workers. What is under way is not answered any more. */
  close(): Promise<void>;
}

/** Fewer than this go through Node's thread pool: waking a worker for them costs more than it saves. */
const LEAST_FOR_WORKERS = 4;
/** Keys that a worker keeps; then it starts over. About 3 kB each. */
const MAX_KEYS = 20_000;

/**
 * Creates a crew of worker threads, one for each core.
 *
 * In a worker an operation is one synchronous call. Through Node's thread pool each costs about a quarter more, for
 * handing it over and back (docs/performance.md).
 */
export function createSignatureCrew(
  crypto: NodeCrypto,
  size: number = availableParallelism(),
): SignatureCrew {
  const file = workerFile();
  // Run from its sources the project has no compiled worker where nothing was built: slower, and otherwise the same.
  if (file === undefined) return createPoolCrew(crypto);
  const pool = createPoolCrew(crypto);
  const members = Array.from({ length: size }, () => createMember(file));
  async function share<Item, Result>(
    items: readonly Item[],
    run: (member: Member, part: readonly Item[]) => Promise<readonly Result[]>,
    instead: (part: readonly Item[]) => Promise<readonly Result[]>,
  ): Promise<readonly Result[]> {
    if (items.length < LEAST_FOR_WORKERS) return instead(items);
    const size = Math.ceil(items.length / members.length);
    const parts = members.map((member, index) => {
      const part = items.slice(index * size, (index + 1) * size);
      // A worker that died costs time, not an answer.
      return run(member, part).catch(() => instead(part));
    });
    return (await Promise.all(parts)).flat();
  }
  return {
    verifyAll: (items) => share(items, verifyPart, (part) => pool.verifyAll(part)),
    signAll: (items) => share(items, signPart, (part) => pool.signAll(part)),
    async close() {
      await Promise.all(members.map((member) => member.close()));
    },
  };
}

/** The same on Node's own thread pool. */
function createPoolCrew(crypto: NodeCrypto): SignatureCrew {
  return {
    verifyAll: (items) =>
      Promise.all(items.map(({ key, signature, data }) => crypto.verify(key, signature, data))),
    signAll: (items) => Promise.all(items.map(({ key, data }) => crypto.sign(key, data))),
    close: () => Promise.resolve(),
  };
}

function workerFile(): URL | undefined {
  const isSource = import.meta.url.endsWith(".ts");
  const file = new URL(isSource ? "../dist/crew-worker.js" : "./crew-worker.js", import.meta.url);
  return existsSync(file) ? file : undefined;
}

/** One worker thread and the keys it has. */
interface Member {
  run(
    work: CrewTask["work"],
    items: readonly {
      readonly key: VerifyKey | SigningKey;
      readonly parts: readonly Uint8Array[];
    }[],
  ): Promise<Uint8Array>;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

function createMember(file: URL): Member {
  let numbers = new Map<KeyObject, number>();
  const waiting = new Map<number, Waiting>();
  let tasks = 0;
  let isClosed = false;
  let worker = start();

  function start(): Worker {
    const made = new Worker(file);
    made.on("message", ({ id, bytes }: CrewResult) => {
      waiting.get(id)?.resolve(bytes);
      waiting.delete(id);
    });
    made.on("error", (error) => {
      fail(error);
    });
    made.on("exit", () => {
      fail(new Error("a worker thread for signatures ended"));
      // It has no keys yet; whoever waits has been told, and tries again.
      numbers = new Map();
      if (!isClosed && made === worker) worker = start();
    });
    // An idle crew must not keep a program alive. After the listeners, since each of them takes hold again.
    made.unref();
    return made;
  }

  function fail(error: Error): void {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function numberOf(key: KeyObject, newKeys: NumberedKey[]): number {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(key, number);
    newKeys.push([number, key]);
    return number;
  }

  return {
    run(work, items) {
      if (isClosed) return Promise.reject(new Error("this crew was sent home"));
      const forget = numbers.size > MAX_KEYS;
      if (forget) numbers.clear();
      const newKeys: NumberedKey[] = [];
      const keys = Float64Array.from(items, ({ key }) => numberOf(platformKey(key), newKeys));
      const lengths = Uint32Array.from(items, ({ parts }) => totalLength(parts));
      const texts = joined(items.flatMap(({ parts }) => parts));
      const task: CrewTask = { id: tasks++, work, newKeys, forget, keys, lengths, texts };
      return new Promise((resolve, reject) => {
        waiting.set(task.id, { resolve, reject });
        worker.postMessage(task, [texts.buffer]);
      });
    },
    async close() {
      isClosed = true;
      await worker.terminate();
    },
  };
}

async function verifyPart(
  member: Member,
  items: readonly SignatureToVerify[],
): Promise<readonly boolean[]> {
  // A signature of another length is bad, whatever it says; the worker takes 64 bytes each.
  const sound = items.filter(({ signature }) => signature.length === SIGNATURE_BYTES);
  const verdicts = await member.run(
    "verify",
    sound.map(({ key, signature, data }) => ({ key, parts: [signature, data] })),
  );
  let next = 0;
  return items.map(
    ({ signature }) => signature.length === SIGNATURE_BYTES && verdicts[next++] === 1,
  );
}

async function signPart(member: Member, items: readonly TextToSign[]): Promise<readonly Bytes[]> {
  const signatures = await member.run(
    "sign",
    items.map(({ key, data }) => ({ key, parts: [data] })),
  );
  return items.map(
    (_, index) =>
      new Uint8Array(signatures.subarray(index * SIGNATURE_BYTES, (index + 1) * SIGNATURE_BYTES)),
  );
}

function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function joined(parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(totalLength(parts));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
