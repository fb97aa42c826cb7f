import { fromHex, toHex, type Bytes } from "@siphms/cose";
import { parseNotice, type Notice } from "@siphms/messages";
import { bytesOf, decodeRecord, encodeRecord, oneOf } from "./record-codec.ts";
import type { PlainOperation, SealedStore } from "./sealed-store.ts";

const PREFIX = "notice/";
/**
 * Notices of which the hospital knows that they were seen; it does not send them again, so the oldest can be
 * forgotten.
 */
const MAX_TOLD = 1_000;

/** `open`: not acknowledged by the caller. `acknowledged`: the hospital is still to be told. `told`: it was. */
type NoticeState = "open" | "acknowledged" | "told";
const STATES: readonly NoticeState[] = ["open", "acknowledged", "told"];

/**
 * The notices of the hospital, each accepted once for ever by its message-id.
 *
 * An open one survives a restart with its content; of the others only the id is kept.
 */
export class Notices {
  readonly #store: SealedStore;
  readonly #states = new Map<string, NoticeState>();
  readonly #open = new Map<string, Notice>();

  private constructor(store: SealedStore) {
    this.#store = store;
  }

  /**
   * Opens what an earlier process left.
   *
   * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`.
   */
  static async open(store: SealedStore): Promise<Notices> {
    const notices = new Notices(store);
    for (const name of await store.list(PREFIX)) await notices.#load(name.slice(PREFIX.length));
    await notices.#forgetOldest();
    return notices;
  }

  /** Whether a notice was accepted before. */
  isKnown(messageId: Bytes): boolean {
    return this.#states.has(toHex(messageId));
  }

  /** Those that the caller has not acknowledged, oldest first. */
  list(): readonly Notice[] {
    return [...this.#open].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
  }

  /** How many the caller has not acknowledged. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Ids that the hospital is still to be told of, oldest first. */
  untold(): readonly Bytes[] {
    const ids = [...this.#states].filter(([, state]) => state === "acknowledged");
    return ids.map(([id]) => fromHex(id)).sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1));
  }

  /**
   * Accepts a notice for the caller: durable with its content until {@link acknowledge}.
   *
   * @param payload - The notice's payload, which is kept as it came.
   * @throws {DeviceError} `STORE_FAILED`.
   */
  async accept(notice: Notice, payload: Bytes): Promise<void> {
    const id = toHex(notice.messageId);
    await this.#store.batch([noticeOperation(id, "open", payload)]);
    this.#states.set(id, "open");
    this.#open.set(id, notice);
  }

  /**
   * Accepts a notice that the engine acts on itself.
   *
   * @param apply - Makes its effect durable together with the change that it is given.
   */
  async acceptHandled(
    notice: Notice,
    apply: (operation: PlainOperation) => Promise<void>,
  ): Promise<void> {
    const id = toHex(notice.messageId);
    await apply(noticeOperation(id, "acknowledged"));
    this.#states.set(id, "acknowledged");
  }

  /** The caller has shown these; unknown ids are passed over. @throws {DeviceError} `STORE_FAILED`. */
  async acknowledge(messageIds: readonly Bytes[]): Promise<void> {
    await this.#move(messageIds, "open", "acknowledged");
  }

  /** The hospital has answered `seen` for these. @throws {DeviceError} `STORE_FAILED`. */
  async told(messageIds: readonly Bytes[]): Promise<void> {
    await this.#move(messageIds, "acknowledged", "told");
  }

  async #move(messageIds: readonly Bytes[], from: NoticeState, to: NoticeState): Promise<void> {
    const ids = messageIds.map(toHex).filter((id) => this.#states.get(id) === from);
    if (ids.length === 0) return;
    await this.#store.batch(ids.map((id) => noticeOperation(id, to)));
    for (const id of ids) {
      this.#states.set(id, to);
      this.#open.delete(id);
    }
  }

  async #load(id: string): Promise<void> {
    const plain = await this.#store.get(PREFIX + id);
    if (plain === undefined) return;
    const record = decodeRecord(plain);
    const state = oneOf(record.get(1), STATES);
    this.#states.set(id, state);
    if (state === "open") this.#open.set(id, parseNotice(bytesOf(record.get(2))));
  }

  async #forgetOldest(): Promise<void> {
    const told = [...this.#states].filter(([, state]) => state === "told").map(([id]) => id);
    const surplus = told.sort().slice(0, Math.max(0, told.length - MAX_TOLD));
    if (surplus.length === 0) return;
    await this.#store.batch(surplus.map((id) => ({ kind: "delete", name: PREFIX + id })));
    for (const id of surplus) this.#states.delete(id);
  }
}

function noticeOperation(id: string, state: NoticeState, payload?: Bytes): PlainOperation {
  return { kind: "put", name: PREFIX + id, plain: encodeRecord([1, state], [2, payload]) };
}
