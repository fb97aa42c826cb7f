import type { LiveEventName } from "@siphms/api";
import type { Audience } from "./sight.ts";

/** One event on its way to the screens. */
export interface LiveEvent {
  readonly name: LiveEventName;
  readonly to: Audience;
  /** Makes what is sent as JSON; called when somebody sees it, and once at most. */
  readonly data: () => unknown;
  /** About how many characters that will be. */
  readonly size: number;
}

/** One open stream. */
export interface LiveSubscriber {
  /** Names the browser session: there is one stream for each. */
  readonly sessionKey: string;
  readonly staffId: number;
  /** Asked for each event at the moment of sending. */
  readonly maySee: (to: Audience) => boolean;
  /** Called when other records are open to the person than before. */
  readonly accessChanged: () => void;
  readonly send: (event: {
    readonly id: string;
    readonly name: LiveEventName;
    readonly data: string;
  }) => void;
  /** Called when the stream must end: another one took its place, or the hospital stops. */
  readonly end: () => void;
}

/** Hands events to every open stream whose person may see them, and keeps the last ones for streams that come back. */
export interface LiveHub {
  publish(event: LiveEvent): void;
  /**
   * Adds a stream; the session's older one ends.
   *
   * @param lastEventId - Where the browser stood: what came since is sent again, or `reload` when that is not known.
   * @returns How to take it away again.
   */
  subscribe(subscriber: LiveSubscriber, lastEventId: string | undefined): () => void;
  /** Tells a person's streams that other records are open to them than before. */
  accessChanged(staffId: number): void;
  /** How many streams are open. */
  readonly size: number;
  /** Ends all streams. */
  close(): void;
}

interface Kept {
  readonly number: number;
  readonly name: LiveEventName;
  readonly to: Audience;
  readonly size: number;
  /** Made at the first call. */
  readonly text: () => string;
}

const MAX_KEPT_EVENTS = 2000;
const MAX_KEPT_CHARACTERS = 16 * 1024 * 1024;

/**
 * Creates the hub.
 *
 * @param epoch - Differs at each start of the program, so that an id of an earlier run is seen to be one.
 */
export function createLiveHub(epoch: string): LiveHub {
  const streams = new Map<string, LiveSubscriber>();
  const kept: Kept[] = [];
  let keptCharacters = 0;
  let last = 0;

  const idOf = (number: number): string => `${epoch}-${String(number)}`;

  const keep = (event: Kept): void => {
    kept.push(event);
    keptCharacters += event.size;
    while (kept.length > MAX_KEPT_EVENTS || keptCharacters > MAX_KEPT_CHARACTERS) {
      keptCharacters -= kept.shift()?.size ?? 0;
    }
  };

  const resume = (subscriber: LiveSubscriber, lastEventId: string): void => {
    const number = numberOf(lastEventId, epoch);
    const first = kept[0]?.number ?? last + 1;
    // Of another run, or too long ago: what was missed is not known.
    if (number === undefined || number > last || number + 1 < first) {
      subscriber.send({ id: idOf(last), name: "reload", data: "{}" });
      return;
    }
    for (const event of kept) {
      if (event.number <= number || !subscriber.maySee(event.to)) continue;
      subscriber.send({ id: idOf(event.number), name: event.name, data: event.text() });
    }
  };

  return {
    publish({ name, to, data, size }) {
      last += 1;
      const text = once(() => JSON.stringify(data()));
      keep({ number: last, name, to, size, text });
      for (const stream of [...streams.values()]) {
        if (stream.maySee(to)) stream.send({ id: idOf(last), name, data: text() });
      }
    },

    subscribe(subscriber, lastEventId) {
      streams.get(subscriber.sessionKey)?.end();
      streams.set(subscriber.sessionKey, subscriber);
      if (lastEventId !== undefined) resume(subscriber, lastEventId);
      return () => {
        if (streams.get(subscriber.sessionKey) === subscriber) {
          streams.delete(subscriber.sessionKey);
        }
      };
    },

    accessChanged(staffId) {
      for (const stream of [...streams.values()]) {
        if (stream.staffId === staffId) stream.accessChanged();
      }
    },

    get size() {
      return streams.size;
    },

    close() {
      for (const stream of [...streams.values()]) stream.end();
      streams.clear();
    },
  };
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}

function numberOf(id: string, epoch: string): number | undefined {
  const [prefix, digits, ...rest] = id.split("-");
  if (prefix !== epoch || rest.length > 0 || !/^[0-9]{1,15}$/.test(digits ?? "")) return undefined;
  return Number(digits);
}
