import type { Clock } from "@siphms/device";
import {
  beginTransfer,
  type RecordFilter,
  stepTransfer,
  type Transfer,
  type TransferEvent,
} from "@siphms/gatt";

/** One transfer of stored records over a living connection; what comes is fed in. */
export class RecordFetch {
  readonly #clock: Clock;
  readonly #silenceMs: number;
  #transfer: Transfer | undefined;
  #fed: () => void = () => undefined;

  constructor(clock: Clock, silenceMs: number) {
    this.#clock = clock;
    this.#silenceMs = silenceMs;
  }

  /** Takes an event of the transfer that runs; without one it is of no interest. */
  feed(event: TransferEvent): void {
    if (this.#transfer === undefined) return;
    this.#transfer = stepTransfer(this.#transfer, event).transfer;
    this.#fed();
  }

  /** Asks for records and waits for the meter's last word, or for its silence. */
  async run(
    filter: RecordFilter,
    write: (value: Uint8Array<ArrayBuffer>) => Promise<void>,
  ): Promise<Transfer> {
    const begun = beginTransfer(filter);
    this.#transfer = begun.transfer;
    if (begun.write !== undefined) await write(begun.write);
    // Read anew each time: `feed` replaces it, and records may come before the write is answered.
    for (;;) {
      const transfer = this.#transfer;
      if (transfer.outcome !== undefined) {
        this.#transfer = undefined;
        return transfer;
      }
      await this.#waitForNext();
    }
  }

  async #waitForNext(): Promise<void> {
    const over = new AbortController();
    this.#fed = () => over.abort();
    await this.#clock.sleep(this.#silenceMs, over.signal);
    if (!over.signal.aborted) this.feed({ kind: "lost" });
  }
}
