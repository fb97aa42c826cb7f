import type { Crypto } from "@siphms/cose";

const MINUTE_MS = 60_000;
/** First wait after a network fault; doubles up to {@link MAX_BACKOFF_MS}. */
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 5 * MINUTE_MS;
/** A gateway cannot silence a device for longer than this with one `Retry-After`. */
const MAX_RETRY_AFTER_MS = 60 * MINUTE_MS;
/** Protocol section 5: a refused handshake is tried again after 1, 5 and 30 minutes, then shown. */
const REFUSED_WAITS_MS: readonly number[] = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS];

/**
 * How long to wait after the n-th fault in a row of the network or the gateway, in ms.
 *
 * Doubles from 1 s to 5 minutes, with jitter over the upper half, so that the devices of a ward do not come back all
 * at once.
 *
 * @param failures - Faults in a row, from 1.
 */
export function networkWaitMs(failures: number, crypto: Crypto): number {
  const full = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(full / 2 + (full / 2) * randomFraction(crypto));
}

/**
 * How long to wait where the gateway said so: never less than it asked, up to a tenth more, at most an hour.
 *
 * @param retryAfterMs - From `Retry-After`.
 */
export function retryAfterWaitMs(retryAfterMs: number, crypto: Crypto): number {
  return Math.min(MAX_RETRY_AFTER_MS, Math.ceil(retryAfterMs * (1 + randomFraction(crypto) / 10)));
}

/**
 * How long to wait after the n-th refused handshake in a row, and whether it is time to show it.
 *
 * A refusal can be forged by the gateway, so the engine never stops trying: after the third wait it goes on every 30
 * minutes, shown.
 *
 * @param refusals - Refusals in a row, from 1.
 */
export function refusedWait(refusals: number): { waitMs: number; needsAttention: boolean } {
  const waitMs = REFUSED_WAITS_MS[refusals - 1] ?? 30 * MINUTE_MS;
  return { waitMs, needsAttention: refusals > REFUSED_WAITS_MS.length };
}

function randomFraction(crypto: Crypto): number {
  const bytes = crypto.randomBytes(4);
  return new DataView(bytes.buffer).getUint32(0) / 2 ** 32;
}
