import type { Clock } from "@siphms/server-kit";

/** Counts how often something is done and says when it is too often. */
export interface Rates {
  /**
   * Takes one from the allowance of `key`.
   *
   * @param perMinute - The allowance; a minute's worth may come at once.
   * @returns 0 if it was there, else the seconds until it is.
   */
  take(key: string, perMinute: number): number;
  /** Puts one back that was taken: it turned out to be nothing that is counted. */
  giveBack(key: string): void;
  /** Forgets every key whose allowance is full again, so that idle sessions cost nothing. */
  forgetIdle(): void;
  size(): number;
}

interface Bucket {
  /** What was left at `at`. */
  left: number;
  at: number;
  perMinute: number;
}

const MINUTE_MS = 60_000;

/**
 * Creates token buckets for up to `maxKeys` keys at once.
 *
 * When there are more, the one that began first is forgotten: memory stays bounded, and a crowd of
 * addresses can at most win back its own allowance.
 */
export function createRates(clock: Clock, maxKeys: number): Rates {
  const buckets = new Map<string, Bucket>();

  function refilled(bucket: Bucket, now: number): number {
    const gained = ((now - bucket.at) / MINUTE_MS) * bucket.perMinute;
    // A clock that was set back must not empty anybody's allowance.
    return Math.min(bucket.perMinute, bucket.left + Math.max(0, gained));
  }

  return {
    take(key, perMinute) {
      const now = clock.now();
      const bucket = buckets.get(key) ?? { left: perMinute, at: now, perMinute };
      bucket.left = refilled(bucket, now);
      bucket.at = now;
      bucket.perMinute = perMinute;
      if (!buckets.has(key)) {
        const oldest = buckets.size >= maxKeys ? buckets.keys().next().value : undefined;
        if (oldest !== undefined) buckets.delete(oldest);
        buckets.set(key, bucket);
      }
      if (bucket.left >= 1) {
        bucket.left -= 1;
        return 0;
      }
      return Math.max(1, Math.ceil(((1 - bucket.left) * 60) / perMinute));
    },
    giveBack(key) {
      const bucket = buckets.get(key);
      if (bucket !== undefined) bucket.left = Math.min(bucket.perMinute, bucket.left + 1);
    },
    forgetIdle() {
      const now = clock.now();
      for (const [key, bucket] of buckets) {
        if (refilled(bucket, now) >= bucket.perMinute) buckets.delete(key);
      }
    },
    size: () => buckets.size,
  };
}

/**
 * The part of an address that stands for one client in the rates.
 *
 * An IPv6 client has a whole /64 to itself, so only that much counts; an IPv4 address inside IPv6 counts as IPv4. Some
 * proxies name the port as well: it is another one for each connection.
 */
export function addressKey(named: string): string {
  const address = named.replace(/^(\d+(?:\.\d+){3}|\[.*\]):\d+$/, "$1").replace(/^\[(.*)\]$/, "$1");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.replace(/%.*$/, "").toLowerCase().split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(zeros).fill("0"), ...back];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
