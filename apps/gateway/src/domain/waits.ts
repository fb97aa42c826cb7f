import type { FairShare } from "./fair-share.ts";
import { createTimerWheel, type Slot } from "./timer-wheel.ts";

/** Requests that are held until something happens to them, one for each key. */
export interface Waits<Key, Event> {
  /**
   * Waits for the next event of `key`. An older wait for the same key ends.
   *
   * It is told at once that there is nothing when no time is given, the address has its share of the places, or all waits
   * have ended.
   */
  begin(key: Key, options: WaitOptions, tell: Tell<Event>): void;
  /** Gives an event to whoever waits for `key`. */
  tell(key: Key, event: Event): void;
  /** Ends all waits; later ones end at once. */
  endAll(): void;
  size(): number;
}

/** Hears the event, or `undefined` when the time is up, the client has gone, or a newer wait has taken the place. Called once. */
export type Tell<Event> = (event: Event | undefined) => void;

/** How long to wait, for whom, and when to stop early. */
export interface WaitOptions {
  readonly timeoutMs: number;
  /** Whom it counts for; see {@link FairShare}. */
  readonly holder: string;
  /** Registers what to call when the client has gone. */
  readonly onGone: (cancel: () => void) => void;
}

/** What {@link createWaits} works with. */
export interface WaitPorts {
  /** Shared by waits of all kinds. */
  readonly places: FairShare;
  /** An address got no place. */
  readonly onCrowded: () => void;
  /** By how much a wait may end late. */
  readonly slotMs: number;
}

interface Wait<Key, Event> {
  readonly key: Key;
  readonly holder: string;
  readonly tell: Tell<Event>;
  slot: Slot<Wait<Key, Event>> | undefined;
}

/** Creates the waits of one kind. Keeps nothing for a key that nobody waits for. */
export function createWaits<Key, Event>(ports: WaitPorts): Waits<Key, Event> {
  const { places, onCrowded, slotMs } = ports;
  const waiting = new Map<Key, Wait<Key, Event>>();
  const wheel = createTimerWheel<Wait<Key, Event>>(slotMs, (wait) => {
    end(wait, undefined);
  });
  let isOver = false;

  function end(wait: Wait<Key, Event>, event: Event | undefined): void {
    if (wait.slot === undefined) return;
    wait.slot.delete(wait);
    wait.slot = undefined;
    if (waiting.get(wait.key) === wait) waiting.delete(wait.key);
    places.giveBack(wait.holder);
    wait.tell(event);
  }

  function endOfKey(key: Key, event: Event | undefined): void {
    const wait = waiting.get(key);
    if (wait !== undefined) end(wait, event);
  }

  function mayWait(holder: string): boolean {
    if (places.take(holder)) return true;
    onCrowded();
    return false;
  }

  return {
    begin(key, { timeoutMs, holder, onGone }, tell) {
      endOfKey(key, undefined);
      if (isOver || timeoutMs <= 0 || !mayWait(holder)) {
        tell(undefined);
        return;
      }
      const wait: Wait<Key, Event> = { key, holder, tell, slot: undefined };
      wait.slot = wheel.add(wait, timeoutMs);
      waiting.set(key, wait);
      onGone(() => {
        end(wait, undefined);
      });
    },
    tell: endOfKey,
    endAll() {
      isOver = true;
      wheel.stop();
      for (const wait of waiting.values()) end(wait, undefined);
    },
    size: () => waiting.size,
  };
}
