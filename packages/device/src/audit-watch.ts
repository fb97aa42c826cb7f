import { equalBytes, type Bytes, type CborMap, type CborValue, type Crypto } from "@siphms/cose";
import { METHODS, MessageError } from "@siphms/messages";
import { TlogError, verifyConsistency, type TreeHead } from "@siphms/tlog";
import { DeviceError } from "./errors.ts";
import type { Notifier } from "./notifier.ts";
import type { Clock } from "./ports.ts";
import { arrayOf, bytesOf, decodeRecord, encodeRecord, numberOf, oneOf } from "./record-codec.ts";
import { corrupt, type PlainOperation, type SealedStore } from "./sealed-store.ts";
import type { Session } from "./session.ts";
import type { AuditAlarm, AuditState, DeviceEvent } from "./status.ts";

const ENTRY = "audit";
const ALARMS: readonly AuditAlarm["kind"][] = ["two-roots", "not-continued", "refused"];
/** States of the log that wait for their proof. Of more a random one goes, so that nobody can tell which is not looked at. */
const MAX_WAITING = 4;
/** Between two rounds of proofs: each is a request, and receipts come with every reading. */
const ROUND_MS = 10 * 60_000;
/** What a hospital answers that will not or cannot prove anything, now and later. */
const REFUSALS: ReadonlySet<string | undefined> = new Set(["refused", "bad-parameters"]);
/** Rounds in a row without a proof, and without a word against it either: whoever is always busy hides something. */
const MAX_UNANSWERED = 20;

/** What {@link AuditWatch.watch} needs. */
export interface AuditWatchContext {
  readonly clock: Clock;
  readonly bell: Notifier;
  readonly emit: (event: DeviceEvent) => void;
  readonly request: (method: string, parameters: CborMap, signal: AbortSignal) => Promise<CborMap>;
}

interface Held {
  readonly verified?: AuditState;
  readonly waiting: readonly TreeHead[];
  readonly alarm?: AuditAlarm;
  /** Rounds since the last proof in which there was none. */
  readonly unanswered?: number;
}

/**
 * Sees to it that the hospital shows this device one history of its audit log: every receipt names the log's state, and
 * of any two the hospital has to prove that the later continues the earlier. A contradiction stays until the patient
 * puts it aside.
 */
export class AuditWatch {
  readonly #store: SealedStore;
  readonly #crypto: Crypto;
  #held: Held;
  /** Monotonic. */
  #nextRoundAt = 0;

  private constructor(store: SealedStore, crypto: Crypto, held: Held) {
    this.#store = store;
    this.#crypto = crypto;
    this.#held = held;
  }

  /**
   * Opens what an earlier process left.
   *
   * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`.
   */
  static async open(store: SealedStore, crypto: Crypto): Promise<AuditWatch> {
    const plain = await store.get(ENTRY);
    return new AuditWatch(store, crypto, plain === undefined ? { waiting: [] } : decodeHeld(plain));
  }

  /** The newest state that was proved to continue the ones before it. */
  get verified(): AuditState | undefined {
    return this.#held.verified;
  }

  /** What contradicts the hospital's word, until it is put aside. */
  get alarm(): AuditAlarm | undefined {
    return this.#held.alarm;
  }

  /**
   * Takes the state that a verified receipt names. Receipts may come in any order.
   *
   * @param at - ms, this device's clock.
   * @returns The change of the store that keeps it, to be written at once; nothing where nothing is new.
   */
  note({ size, root }: TreeHead, at: number): readonly PlainOperation[] {
    const { verified, waiting, alarm } = this.#held;
    const known = [...(verified === undefined ? [] : [verified]), ...waiting];
    const same = known.find((one) => one.size === size);
    if (alarm !== undefined) return [];
    if (same === undefined)
      return this.#hold(withState(this.#held, { size, root, at }, this.#crypto));
    if (equalBytes(same.root, root)) return [];
    return this.#hold({
      ...this.#held,
      alarm: { kind: "two-roots", at, earlier: headOf(same), later: { size, root } },
    });
  }

  /**
   * Has the states that wait proved, a round at a time, until the signal aborts.
   *
   * @throws {DeviceError} `STORE_FAILED`.
   */
  async watch(context: AuditWatchContext, session: Session, signal: AbortSignal): Promise<void> {
    const { clock, bell } = context;
    while (!signal.aborted) {
      if (!session.bindingActive || this.alarm !== undefined || this.#held.waiting.length === 0) {
        await bell.next();
        continue;
      }
      const waitMs = this.#nextRoundAt - clock.monotonic();
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      else await this.#round(context, signal);
    }
  }

  /** The patient has been told: the next receipt's state is where the watch begins again. @throws {DeviceError} `STORE_FAILED`. */
  async putAside(): Promise<void> {
    await this.#store.batch(this.#hold({ waiting: [] }));
  }

  /** Largest first: the others are then proved to lie in what has been verified. */
  async #round(context: AuditWatchContext, signal: AbortSignal): Promise<void> {
    const before = this.#nextRoundAt;
    this.#nextRoundAt = context.clock.monotonic() + ROUND_MS;
    const round = [...this.#held.waiting].sort((a, b) => b.size - a.size);
    for (const head of round) {
      const { verified, alarm } = this.#held;
      if (verified === undefined || alarm !== undefined) return;
      const [earlier, later] = head.size < verified.size ? [head, verified] : [verified, head];
      const pair = { earlier: headOf(earlier), later: headOf(later) };
      const answer = await prove(context, pair, signal);
      // A round that the session's end broke off is begun again in the next session.
      if (signal.aborted && answer === "unanswered") this.#nextRoundAt = before;
      const found = signal.aborted ? answer : await this.#patiently(answer);
      if (found === "unanswered") return;
      const at = context.clock.now();
      await this.#store.batch(
        this.#hold(
          found === "proved"
            ? proved(this.#held, { ...headOf(later), at }, head)
            : { ...this.#held, alarm: { kind: found, at, ...pair } },
        ),
      );
      if (found !== "proved") context.emit({ type: "alarm", alarm: "audit-history" });
    }
  }

  /** Counts a round without an answer; of too many in a row it makes a refusal. @throws {DeviceError} `STORE_FAILED`. */
  async #patiently(answer: Proving): Promise<Proving> {
    if (answer !== "unanswered") return answer;
    const unanswered = (this.#held.unanswered ?? 0) + 1;
    if (unanswered >= MAX_UNANSWERED) return "refused";
    await this.#store.batch(this.#hold({ ...this.#held, unanswered }));
    return answer;
  }

  #hold(held: Held): readonly PlainOperation[] {
    this.#held = held;
    return [{ kind: "put", name: ENTRY, plain: encodeHeld(held) }];
  }
}

function withState(held: Held, state: AuditState, crypto: Crypto): Held {
  if (held.verified === undefined) return { ...held, verified: state };
  const random = (crypto.randomBytes(1)[0] ?? 0) % MAX_WAITING;
  const kept =
    held.waiting.length < MAX_WAITING
      ? held.waiting
      : held.waiting.filter((_, at) => at !== random);
  return { ...held, waiting: [...kept, headOf(state)] };
}

function proved(held: Held, state: AuditState, head: TreeHead): Held {
  // Another receipt may have come meanwhile.
  const waiting = held.waiting.filter((one) => one.size !== head.size);
  const verified =
    held.verified !== undefined && held.verified.size > state.size ? held.verified : state;
  return { verified, waiting };
}

type Proving = "proved" | "unanswered" | "not-continued" | "refused";

async function prove(
  { request }: AuditWatchContext,
  { earlier, later }: { readonly earlier: TreeHead; readonly later: TreeHead },
  signal: AbortSignal,
): Promise<Proving> {
  const { parameters, result } = METHODS["audit-consistency"];
  const sizes = parameters.encode({ fromSize: earlier.size, toSize: later.size });
  try {
    const { proof } = result.parse(await request("audit-consistency", sizes, signal));
    verifyConsistency({ older: earlier, newer: later, proof });
    return "proved";
  } catch (error) {
    if (error instanceof TlogError || error instanceof MessageError) return "not-continued";
    if (!(error instanceof DeviceError)) throw error;
    return REFUSALS.has(error.hospitalError) ? "refused" : "unanswered";
  }
}

function headOf({ size, root }: TreeHead): TreeHead {
  return { size, root };
}

function encodeHeld({ verified, waiting, alarm, unanswered }: Held): Bytes {
  const pair = ({ size, root }: TreeHead): CborValue => [size, root];
  return encodeRecord(
    [1, verified && [verified.size, verified.root, verified.at]],
    [2, waiting.map(pair)],
    [3, alarm && [alarm.kind, alarm.at, pair(alarm.earlier), pair(alarm.later)]],
    [4, unanswered],
  );
}

function decodeHeld(plain: Bytes): Held {
  const record = decodeRecord(plain);
  const [verified, alarm, unanswered] = [record.get(1), record.get(3), record.get(4)];
  return {
    ...(verified !== undefined && {
      verified: { ...decodeHead(verified), at: numberOf(arrayOf(verified)[2]) },
    }),
    waiting: arrayOf(record.get(2)).map(decodeHead),
    ...(alarm !== undefined && { alarm: decodeAlarm(arrayOf(alarm)) }),
    ...(unanswered !== undefined && { unanswered: numberOf(unanswered) }),
  };
}

function decodeAlarm([kind, at, earlier, later]: ReturnType<typeof arrayOf>): AuditAlarm {
  return {
    kind: oneOf(kind, ALARMS),
    at: numberOf(at),
    earlier: decodeHead(earlier),
    later: decodeHead(later),
  };
}

function decodeHead(value: CborValue | undefined): TreeHead {
  const [size, root] = arrayOf(value);
  const bytes = bytesOf(root);
  if (bytes.length !== 32) throw corrupt();
  return { size: numberOf(size), root: bytes };
}
