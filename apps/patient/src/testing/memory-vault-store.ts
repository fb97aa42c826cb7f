import type { Bytes } from "@siphms/cose";
import { PatientError } from "../errors.ts";
import type { VaultStore } from "../vault/vault.ts";

/** A vault's record in memory, for tests: shared by several vaults it is what several tabs see. */
export class UnsafeMemoryVaultStore implements VaultStore {
  record: Bytes | undefined;
  /** Writes that were done. */
  writes = 0;
  /** Which of the next writes fails, counted from 0; nothing of it is kept. */
  failAt: number | undefined;

  async update<R>(
    step: (stored: Bytes | undefined) => { readonly next?: Bytes; readonly result: R },
  ): Promise<R> {
    await Promise.resolve();
    const { next, result } = step(this.record?.slice());
    if (next !== undefined) this.#write(next.slice());
    return result;
  }

  async erase(): Promise<void> {
    await Promise.resolve();
    this.#write(undefined);
  }

  #write(record: Bytes | undefined): void {
    if (this.failAt !== undefined && this.failAt-- === 0) {
      this.failAt = undefined;
      throw new PatientError("STORE_FAILED", "as the test asked");
    }
    this.record = record;
    this.writes++;
  }
}
