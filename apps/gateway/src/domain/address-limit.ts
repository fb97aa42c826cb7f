import { addressKey, type Rates } from "./rates.ts";
import { refuse, type Refusal } from "./refusal.ts";

/** What an address may ask for as a stranger: handshakes, and looks at passes that prove to be false. */
export interface AddressLimit {
  /** Counts one request. @returns The refusal where there were too many. */
  admit(address: string): Refusal | undefined;
  /** Takes the last count back: it was no stranger after all. */
  excuse(address: string): void;
}

/**
 * Creates the limit of every address; an IPv6 network of 64 bits counts as one.
 *
 * A minute's worth may come at once, as when a clinic's devices behind one address all come back.
 */
export function createAddressLimit(rates: Rates, perMinute: number): AddressLimit {
  const key = (address: string): string => `address ${addressKey(address)}`;
  return {
    admit(address) {
      const busySeconds = rates.take(key(address), perMinute);
      if (busySeconds === 0) return undefined;
      return refuse("slow-down", { reason: "address-rate", retryAfterSeconds: busySeconds });
    },
    excuse(address) {
      rates.giveBack(key(address));
    },
  };
}
