import type { Clock } from "@siphms/server-kit";
import { addressKey } from "./rates.ts";

/** Remembers from where hospitals have just let devices in: whoever comes from there with a new pass is no stranger. */
export interface Vouchers {
  /** A handshake from this address has ended well. */
  give(address: string): void;
  /** Uses one up. @returns whether there was one. */
  take(address: string): boolean;
  /** Forgets those whose time is over. */
  forgetOld(): void;
  size(): number;
}

/** A device comes with its new pass at once: with an envelope, with a question to its mailbox, and perhaps once more. */
export const VOUCHERS_PER_HANDSHAKE = 4;
/** For so long a voucher is good. */
export const VOUCHER_MS = 60_000;

interface Given {
  left: number;
  until: number;
}

/** Creates an empty memory for up to `maxAddresses`; when there are more, the one that was let in first is forgotten. */
export function createVouchers(clock: Clock, maxAddresses: number): Vouchers {
  const given = new Map<string, Given>();

  function isOver({ left, until }: Given): boolean {
    return left === 0 || until <= clock.now();
  }

  return {
    give(address) {
      const key = addressKey(address);
      const before = given.get(key);
      const left = before === undefined || isOver(before) ? 0 : before.left;
      given.delete(key);
      const oldest = given.size >= maxAddresses ? given.keys().next().value : undefined;
      if (oldest !== undefined) given.delete(oldest);
      given.set(key, { left: left + VOUCHERS_PER_HANDSHAKE, until: clock.now() + VOUCHER_MS });
    },
    take(address) {
      const one = given.get(addressKey(address));
      if (one === undefined || isOver(one)) return false;
      one.left -= 1;
      return true;
    },
    forgetOld() {
      for (const [key, one] of given) if (isOver(one)) given.delete(key);
    },
    size: () => given.size,
  };
}
