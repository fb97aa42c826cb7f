import { equalBytes, toHex, type Bytes } from "@siphms/cose";
import type { Receipt } from "@siphms/messages";
import { DeviceError } from "./errors.ts";
import type { Outgoing } from "./outgoing.ts";
import {
  DELIVERY_PREFIX,
  deliveryName,
  deliveryOperation,
  idOf,
  ITEM_PREFIX,
  itemOperation,
  messageIdOf,
  NEVER_SENT,
  parseDelivery,
  parseItem,
  removalOperations,
  type Delivery,
  type Sealed,
  type StoredItem,
} from "./outbox-record.ts";
import type { PlainOperation, SealedStore } from "./sealed-store.ts";
import type { DeviceEvent, DeviceStatus, DeviceTotals, KeptReason, OutboxItem } from "./status.ts";
import { loadTotals, NO_TOTALS, totalsOperation, type Totals } from "./totals.ts";

/** Reasons after which sending the same item once more can help. */
const REQUEUABLE: ReadonlySet<KeptReason | undefined> = new Set([
  "no-answer",
  "too-large",
  "gateway-refused",
]);

/** Items that are read and decrypted at the same time when the outbox is opened: their signed bytes lie in memory. */
const LOADED_AT_ONCE = 256;

/** What the outbox holds of one item in memory: everything but the signed bytes. */
interface Entry extends Omit<StoredItem, "signed"> {
  readonly id: string;
  readonly messageId: Bytes;
  delivery: Delivery;
  readonly settled: AbortController;
}

/** A newly signed item. */
export interface NewItem extends StoredItem {
  readonly messageId: Bytes;
}

/** What {@link Outbox} needs. */
export interface OutboxContext {
  readonly store: SealedStore;
  readonly emit: (event: DeviceEvent) => void;
  /** Called when there is something new to send, or something was settled. */
  readonly ring: () => void;
  /** The wall clock, ms. */
  readonly now: () => number;
}

/**
 * The items that the hospital has not confirmed. Every change is durable before it shows.
 *
 * Nothing leaves the outbox but by a verified receipt with outcome 0, 1 or 2 ({@link Outbox.free}).
 */
export class Outbox {
  readonly #context: OutboxContext;
  readonly #entries = new Map<string, Entry>();
  /** Ids that wait to be taken, in the order in which they will be. */
  readonly #ready = new Set<string>();
  /** Entries that do not open. They are left in the store, untouched. */
  #damaged = 0;
  #totals: Totals = NO_TOTALS;

  private constructor(context: OutboxContext) {
    this.#context = context;
  }

  /**
   * Opens the outbox with everything that an earlier process left in it.
   *
   * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT` for the counters; a damaged item is counted, not thrown.
   */
  static async open(context: OutboxContext): Promise<Outbox> {
    const outbox = new Outbox(context);
    outbox.#totals = await loadTotals(context.store);
    const items = await context.store.list(ITEM_PREFIX);
    const deliveries = new Set(await context.store.list(DELIVERY_PREFIX));
    for (let begin = 0; begin < items.length; begin += LOADED_AT_ONCE) {
      const ids = items.slice(begin, begin + LOADED_AT_ONCE).map((name) => idOf(name));
      const loaded = await Promise.all(
        ids.map((id) => outbox.#load(id, deliveries.has(deliveryName(id)))),
      );
      // In the order of their names, which is the order in which they will be sent.
      for (const admit of loaded) admit();
    }
    return outbox;
  }

  get totals(): DeviceTotals {
    return this.#totals.counters;
  }

  /** Whether anything is left, kept and damaged items too. */
  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#damaged === 0;
  }

  /** Whether something can still be delivered without anybody's help. */
  get hasDeliverable(): boolean {
    for (const { delivery } of this.#entries.values()) if (delivery.state !== "kept") return true;
    return false;
  }

  /** All items, oldest first. */
  items(): readonly OutboxItem[] {
    return [...this.#entries.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((entry) => ({
        messageId: entry.messageId,
        created: entry.created,
        samples: entry.samples,
        state: entry.delivery.state,
        ...(entry.delivery.keptReason && { keptReason: entry.delivery.keptReason }),
        ...(entry.delivery.receiptReason && { receiptReason: entry.delivery.receiptReason }),
      }));
  }

  /** Counts for {@link DeviceStatus}. */
  summary(): {
    readonly queue: DeviceStatus["queue"];
    readonly oldest: number | undefined;
    readonly lastReceiptAt: number | undefined;
  } {
    const counts = { queued: 0, atGateway: 0, kept: 0, samples: 0 };
    let oldest: number | undefined;
    for (const { delivery, samples, created } of this.#entries.values()) {
      if (delivery.state === "kept") counts.kept++;
      else if (delivery.state === "at-gateway") counts.atGateway++;
      else counts.queued++;
      counts.samples += samples;
      if (oldest === undefined || created < oldest) oldest = created;
    }
    const { lastReceiptAt } = this.#totals;
    return { queue: { ...counts, damaged: this.#damaged }, oldest, lastReceiptAt };
  }

  /**
   * Stores new items and whatever belongs to the same step, all or nothing.
   *
   * @throws {DeviceError} `STORE_FAILED`.
   */
  async add(items: readonly NewItem[], also: readonly PlainOperation[]): Promise<void> {
    const { recordedItems, recordedSamples } = this.totals;
    const counted = this.#count({
      recordedItems: recordedItems + items.length,
      recordedSamples: recordedSamples + sumSamples(items),
    });
    const stored = items.map((item) => itemOperation(toHex(item.messageId), item));
    await this.#context.store.batch([...stored, counted, ...also]);
    for (const item of items) {
      this.#admit(toHex(item.messageId), item, NEVER_SENT);
      this.#context.emit({ type: "recorded", messageId: item.messageId, samples: item.samples });
    }
    this.#context.ring();
  }

  /** The next item to send, if there is one; it is then out of the queue until it is released. */
  take(): Outgoing | undefined {
    const [id] = this.#ready;
    const entry = id === undefined ? undefined : this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#ready.delete(entry.id);
    return this.#outgoing(entry);
  }

  /** The item that a receipt is about, `undefined` if it is not (or no longer) here. */
  find(messageId: Bytes): { readonly name: Bytes } | undefined {
    return this.#entries.get(toHex(messageId));
  }

  /**
   * Takes an item out after a verified receipt that says where its samples are.
   *
   * @throws {DeviceError} `STORE_FAILED`.
   */
  async free(receipt: Receipt, also: readonly PlainOperation[] = []): Promise<void> {
    const entry = this.#entry(receipt.messageId);
    const { receiptedItems, receiptedSamples, quarantinedSamples } = this.totals;
    this.#totals = { ...this.#totals, lastReceiptAt: this.#context.now() };
    const counted = this.#count({
      receiptedItems: receiptedItems + 1,
      receiptedSamples: receiptedSamples + entry.samples,
      quarantinedSamples: quarantinedSamples + quarantined(receipt, entry.samples),
    });
    // Out of the map before the write: whoever still sends it must not write its state behind the removal.
    this.#entries.delete(entry.id);
    this.#ready.delete(entry.id);
    await this.#context.store.batch([...removalOperations(entry.id), counted, ...also]);
    entry.settled.abort();
    const { messageId, samples } = entry;
    this.#context.emit({ type: "receipted", messageId, samples, receipt });
    this.#context.ring();
  }

  /**
   * Keeps an item that the hospital refused with a verified receipt (outcome 3).
   *
   * @throws {DeviceError} `STORE_FAILED`.
   */
  async keepRefused(receipt: Receipt, also: readonly PlainOperation[] = []): Promise<void> {
    const entry = this.#entry(receipt.messageId);
    const isNew = entry.delivery.keptReason !== "refused";
    const counted = isNew ? [this.#count({ refusedItems: this.totals.refusedItems + 1 })] : [];
    if (isNew) await this.#keep(entry, "refused", { receipt, also: [...counted, ...also] });
    else if (also.length > 0) await this.#context.store.batch(also);
  }

  /**
   * Keeps each waiting item that was signed for a key that is accepted no longer. @throws {DeviceError}
   * `STORE_FAILED`.
   */
  async keepRetired(isAccepted: (recipient: Bytes) => boolean): Promise<void> {
    for (const entry of [...this.#entries.values()]) {
      if (entry.delivery.state === "kept" || isAccepted(entry.recipient)) continue;
      await this.#keep(entry, "hospital-key-retired");
    }
  }

  /**
   * Puts what a gateway refused back into the queue: a new session may go by a gateway that is mended. @throws
   * {DeviceError} `STORE_FAILED`.
   */
  async requeueGatewayRefused(): Promise<void> {
    for (const entry of [...this.#entries.values()]) {
      if (entry.delivery.keptReason === "gateway-refused") await this.#requeue(entry);
    }
  }

  /** Puts one kept item back into the queue. @throws {DeviceError} `ITEM_UNKNOWN`, `STORE_FAILED`. */
  async requeue(messageId: Bytes): Promise<void> {
    const entry = this.#entries.get(toHex(messageId));
    if (entry === undefined || !REQUEUABLE.has(entry.delivery.keptReason)) {
      throw new DeviceError(
        "ITEM_UNKNOWN",
        "There is no kept item of that id that can be sent again.",
      );
    }
    await this.#requeue(entry);
  }

  /**
   * Counts at once: two steps under way must not count from the same number. A failed write ends the engine anyway.
   */
  #count(change: Partial<DeviceTotals>): PlainOperation {
    this.#totals = { ...this.#totals, counters: { ...this.totals, ...change } };
    return totalsOperation(this.#totals);
  }

  /** Reads an item; returns how to take it in. */
  async #load(id: string, wasSent: boolean): Promise<() => void> {
    const { store } = this.#context;
    try {
      const item = await store.get(ITEM_PREFIX + id);
      const sent = wasSent ? await store.get(deliveryName(id)) : undefined;
      if (item === undefined) return () => undefined;
      const stored = parseItem(item);
      const delivery = sent === undefined ? NEVER_SENT : parseDelivery(sent);
      return () => this.#admit(id, stored, delivery);
    } catch (error) {
      if (!(error instanceof DeviceError) || error.code !== "STORE_CORRUPT") throw error;
      return () => {
        this.#damaged++;
      };
    }
  }

  #admit(id: string, item: StoredItem, delivery: Delivery): void {
    const { name, recipient, samples, created } = item;
    const known = { name, recipient, samples, created };
    const settled = new AbortController();
    this.#entries.set(id, { id, messageId: messageIdOf(id), ...known, delivery, settled });
    if (delivery.state !== "kept") this.#ready.add(id);
  }

  #entry(messageId: Bytes): Entry {
    const entry = this.#entries.get(toHex(messageId));
    if (entry === undefined) throw new RangeError("messageId is not in the outbox");
    return entry;
  }

  #outgoing(entry: Entry): Outgoing {
    return {
      signed: async () => {
        const plain = await this.#context.store.get(ITEM_PREFIX + entry.id);
        if (plain === undefined) throw new DeviceError("STORE_CORRUPT", "A stored item is gone.");
        return parseItem(plain).signed;
      },
      sealedIn: (sid) => sealedIn(entry.delivery.sealed, sid),
      keepSealed: async (sealed) => {
        if (!this.#isWaiting(entry)) return;
        await this.#write(entry, { ...entry.delivery, state: "sealed", sealed });
      },
      atGateway: async () => {
        if (!this.#isWaiting(entry) || entry.delivery.state !== "sealed") return;
        await this.#write(entry, { ...entry.delivery, state: "at-gateway" });
        const { messageId, samples } = entry;
        this.#context.emit({ type: "at-gateway", messageId, samples });
      },
      noAnswer: () => this.#noAnswer(entry),
      undeliverable: async (reason) => {
        if (this.#isWaiting(entry)) await this.#keep(entry, reason);
      },
      settled: entry.settled.signal,
      release: () => {
        if (!this.#isWaiting(entry)) return;
        this.#ready.add(entry.id);
        this.#context.ring();
      },
    };
  }

  async #noAnswer(entry: Entry): Promise<boolean> {
    if (!this.#isWaiting(entry)) return false;
    if (entry.delivery.noAnswers > 0) {
      await this.#keep(entry, "no-answer");
      return false;
    }
    await this.#write(entry, { state: "queued", noAnswers: 1 });
    return true;
  }

  async #keep(
    entry: Entry,
    reason: KeptReason,
    more: { readonly receipt?: Receipt; readonly also?: readonly PlainOperation[] } = {},
  ): Promise<void> {
    const { receipt, also = [] } = more;
    const receiptReason = receipt?.reason;
    await this.#write(
      entry,
      {
        state: "kept",
        noAnswers: entry.delivery.noAnswers,
        keptReason: reason,
        ...(receiptReason === undefined ? {} : { receiptReason }),
      },
      also,
    );
    this.#ready.delete(entry.id);
    entry.settled.abort();
    const { messageId, samples } = entry;
    const event = { type: "kept" as const, messageId, samples, reason };
    this.#context.emit(receipt === undefined ? event : { ...event, receipt });
    this.#context.ring();
  }

  async #requeue(entry: Entry): Promise<void> {
    await this.#write(entry, NEVER_SENT);
    // A new controller: the old one has told its senders that this item is done.
    this.#entries.set(entry.id, { ...entry, settled: new AbortController() });
    this.#ready.add(entry.id);
    this.#context.ring();
  }

  async #write(
    entry: Entry,
    delivery: Delivery,
    also: readonly PlainOperation[] = [],
  ): Promise<void> {
    entry.delivery = delivery;
    await this.#context.store.batch([deliveryOperation(entry.id, delivery), ...also]);
  }

  #isWaiting(entry: Entry): boolean {
    return this.#entries.get(entry.id) === entry && entry.delivery.state !== "kept";
  }
}

/** Sealed bytes of exactly this session. */
export function sealedIn(sealed: Sealed | undefined, sid: Bytes): Sealed | undefined {
  return sealed !== undefined && equalBytes(sealed.sid, sid) ? sealed : undefined;
}

function sumSamples(items: readonly NewItem[]): number {
  return items.reduce((sum, item) => sum + item.samples, 0);
}

function quarantined(receipt: Receipt, samples: number): number {
  if (receipt.outcome === 2) return samples;
  return receipt.outcome === 1 ? (receipt.quarantined?.length ?? 0) : 0;
}
