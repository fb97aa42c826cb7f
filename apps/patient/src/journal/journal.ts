import { toHex } from "@siphms/cose";
import type { Device, DeviceEvent } from "@siphms/device";
import { contentOf } from "./item-series.ts";
import { encodeTrail, parseTrail } from "./trail-codec.ts";
import {
  EMPTY_TRAIL,
  reconciled,
  type Trail,
  withAtGateway,
  withContent,
  withKept,
  withReceipt,
  withRecorded,
} from "./trail.ts";

/** Where the trail is kept: it holds readings, so what implements this seals the bytes. A resolved `store` is durable. */
export interface SealedEntries {
  load(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  store(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** What a journal needs. */
export interface JournalPorts {
  readonly device: Pick<Device, "bookmark" | "items" | "now" | "record" | "subscribe">;
  readonly entries: SealedEntries;
}

/** What a screen shows of the journal. */
export interface JournalView extends Trail {
  /** What was noted before this start could not be read; the readings themselves are not touched by that. */
  readonly wasLost: boolean;
}

const NAME = "journal";

/**
 * The trail of each item's way, for people to look at: sealed, durable soon, and never in the way of a reading.
 *
 * Whatever happens to the trail, `record` is the device's own. What the trail misses is made up for at the next opening from the
 * outbox, which alone decides what is sent.
 */
export class Journal {
  readonly #ports: JournalPorts;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: () => void;
  #view: JournalView;
  #isWritten = true;
  #writing: Promise<void> | undefined;

  private constructor(ports: JournalPorts, view: JournalView) {
    this.#ports = ports;
    this.#view = view;
    this.#unsubscribe = ports.device.subscribe((event) => this.#take(event));
  }

  /** Reads what was noted before, and makes up for what was missed. Bytes that do not open or have another form: begins anew. */
  static async open(ports: JournalPorts): Promise<Journal> {
    const trail = await loadTrail(ports.entries);
    const journal = new Journal(ports, { ...(trail ?? EMPTY_TRAIL), wasLost: trail === undefined });
    journal.#change((known) => reconciled(known, ports.device.items()));
    return journal;
  }

  /** What is known now; the same object until something changes. */
  readonly snapshot = (): JournalView => this.#view;

  /** Calls `listener` after each change; returns how to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The device's `record`, with a note of what each item holds. @throws {DeviceError} what the device throws. */
  readonly record: Device["record"] = async (series, options) => {
    const items = await this.#ports.device.record(series, options);
    const contents = contentOf(
      series,
      items.map(({ samples }) => samples),
    );
    this.#change((trail) =>
      items.reduce((known, item, index) => {
        const content = { id: toHex(item.messageId), series: contents[index] ?? [] };
        return withContent(withRecorded(known, item), content, this.now());
      }, trail),
    );
    return items;
  };

  /** The device's own. */
  readonly bookmark: Device["bookmark"] = () => this.#ports.device.bookmark();

  /** The device's own. */
  readonly now: Device["now"] = () => this.#ports.device.now();

  /** Listens no more, and waits until what was noted is durable or has failed. */
  async close(): Promise<void> {
    this.#unsubscribe();
    this.#listeners.clear();
    await this.#writing;
  }

  #take(event: DeviceEvent): void {
    if (!("messageId" in event)) return;
    const id = toHex(event.messageId);
    const at = this.now();
    this.#change((trail) => {
      switch (event.type) {
        case "recorded":
          return withRecorded(trail, event);
        case "at-gateway":
          return withAtGateway(trail, id, at);
        case "receipted":
          return withReceipt(trail, id, event.receipt);
        case "kept":
          return withKept(trail, id, { ...event, at });
      }
    });
  }

  #change(edit: (trail: Trail) => Trail): void {
    const { wasLost, ...trail } = this.#view;
    this.#view = { ...edit(trail), wasLost };
    this.#isWritten = false;
    this.#writing ??= this.#write();
    for (const listener of this.#listeners) listener();
  }

  /** One after the other, and the newest state only: whoever changes it meanwhile is written in the next round. */
  async #write(): Promise<void> {
    while (!this.#isWritten) {
      this.#isWritten = true;
      const { entries, latest } = this.#view;
      try {
        await this.#ports.entries.store(NAME, encodeTrail({ entries, latest }));
      } catch {
        // The readings are safe without it: the next change tries again, and a restart makes up for it.
        break;
      }
    }
    // Here and not in a later turn: a change in between would wait for the one after it.
    this.#writing = undefined;
  }
}

/** `undefined` for bytes that cannot be used. */
async function loadTrail(entries: SealedEntries): Promise<Trail | undefined> {
  try {
    const bytes = await entries.load(NAME);
    return bytes === undefined ? EMPTY_TRAIL : parseTrail(bytes);
  } catch {
    // A trail that does not open is not worth a locked app.
    return undefined;
  }
}
