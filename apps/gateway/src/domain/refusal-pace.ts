import { addressKey } from "./rates.ts";
import type { RefusalReason } from "./refusal.ts";
import { createTimerWheel } from "./timer-wheel.ts";

/** How fast refusals leave. */
export interface RefusalPace {
  /**
   * When the next one for this address may leave; `undefined` for at once.
   *
   * @param reason - What no honest device does is always held back; what is nobody's fault never, nor does it count.
   */
  next(address: string, reason?: RefusalReason): Promise<void> | undefined;
  /** How many are held back. */
  held(): number;
  /** Forgets addresses that have been quiet. */
  forgetIdle(): void;
  /** Lets all go that are held back, and holds back none any more. */
  stop(): void;
}

/** How many may leave. */
export interface PaceLimits {
  /** For one address. */
  readonly perSecond: number;
  readonly atOnce: number;
  /** For all addresses together. */
  readonly perSecondOfAll: number;
  readonly atOnceOfAll: number;
  /** How long a refusal of what no honest device does is held back, ms. */
  readonly misuseHeldMs: number;
}

type LetGo = () => void;

/** Each is cheap for its sender, who need not wait for an answer, and costs us a body or a connection. */
const MISUSES: ReadonlySet<RefusalReason | undefined> = new Set<RefusalReason>([
  "session-uploads",
  "too-large",
]);

/** The longest that one is held back: a client that is told to wait hears so before it gives up. */
export const MAX_HELD_MS = 8_000;
const SLOT_MS = 50;

/**
 * Creates the pace. A few refusals leave at once; when there are many of an address, or of all, they leave one after the
 * other. As nothing more is read of a connection before its refusal has left, that is how fast a flood can be sent.
 */
export function createRefusalPace(limits: PaceLimits): RefusalPace {
  const ofAll = createSchedule(limits.perSecondOfAll, limits.atOnceOfAll);
  const ofOne = createSchedule(limits.perSecond, limits.atOnce);
  /** When the next of an address, or of all, would leave if none left at once. */
  const nextOf = new Map<string, number>();
  let nextOfAll = 0;
  const held = new Set<LetGo>();
  const wheel = createTimerWheel<LetGo>(SLOT_MS, (one) => {
    held.delete(one);
    one();
  });
  let isStopped = false;

  return {
    next(address, reason) {
      // Who did nothing wrong hears at once that he has to wait.
      if (reason === "hospital-backlog") return undefined;
      const now = performance.now();
      const key = addressKey(address);
      const own = ofOne(nextOf.get(key) ?? 0, now);
      const all = ofAll(nextOfAll, now);
      nextOf.set(key, own.next);
      nextOfAll = all.next;
      const heldMs = MISUSES.has(reason) ? limits.misuseHeldMs : 0;
      const waitMs = Math.max(own.waitMs, all.waitMs, heldMs);
      if (waitMs === 0 || isStopped) return undefined;
      return new Promise((letGo) => {
        held.add(letGo);
        wheel.add(letGo, waitMs);
      });
    },
    held: () => held.size,
    forgetIdle() {
      const now = performance.now();
      for (const [key, next] of nextOf) if (next <= now) nextOf.delete(key);
    },
    stop() {
      isStopped = true;
      wheel.stop();
      for (const letGo of held) letGo();
      held.clear();
    },
  };
}

/** One after the other at this rate, but for so many that come after a rest; the wait is never longer than it may be. */
function createSchedule(perSecond: number, atOnce: number) {
  const stepMs = 1000 / perSecond;
  return (before: number, now: number): { readonly next: number; readonly waitMs: number } => {
    const next = Math.min(Math.max(before, now) + stepMs, now + atOnce * stepMs + MAX_HELD_MS);
    return { next, waitMs: Math.max(0, next - now - atOnce * stepMs) };
  };
}
