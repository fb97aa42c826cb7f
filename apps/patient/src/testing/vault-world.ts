import { createWebCrypto, type Bytes } from "@siphms/cose";
import type { Pin } from "../vault/pin.ts";
import type { KdfCost } from "../vault/record.ts";
import { Vault } from "../vault/vault.ts";
import type { PrfSecret } from "../vault/wrapping.ts";
import { UnsafeMemoryVaultStore } from "./memory-vault-store.ts";

/** A phone for the vault's tests: its store, its monotonic clock, and a KDF that is quick and can be made to fail. */
export class VaultWorld {
  readonly crypto = createWebCrypto();
  readonly store = new UnsafeMemoryVaultStore();
  monotonicMs = 0;
  /** How often a PIN was really tried. */
  guesses = 0;
  kdfFails = false;

  /** The app as a tab opens it: each call is another tab, or the same one started anew. */
  openTab(): Vault {
    return new Vault({
      crypto: this.crypto,
      store: this.store,
      monotonic: () => this.monotonicMs,
      kdf: (pin, salt, cost) => this.#derive(pin, salt, cost),
    });
  }

  /** An authenticator's answer. */
  prf(): PrfSecret {
    return {
      credentialId: this.crypto.randomBytes(20),
      salt: this.crypto.randomBytes(32),
      output: this.crypto.randomBytes(32),
    };
  }

  /** Tries wrong PINs in one tab, each after its wait. */
  async fail(vault: Vault, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      this.monotonicMs += 3_600_000;
      await vault.openWithPin("909090");
    }
    this.monotonicMs += 3_600_000;
  }

  async #derive(pin: Pin, salt: Bytes, cost: KdfCost): Promise<Bytes> {
    if (this.kdfFails) throw new RangeError("out of memory");
    this.guesses++;
    const text = `${pin}|${cost.memoryKiB}|${cost.iterations}|${cost.parallelism}`;
    return this.crypto.hmacSha256(salt, new TextEncoder().encode(text));
  }
}
