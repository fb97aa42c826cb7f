import { CONSOLE_PATHS, type LiveEventName } from "@siphms/api";
import type { Connection } from "./patient-store.ts";

/** The events that say: ask anew. */
export const RELOADING: readonly LiveEventName[] = ["patient", "enrolment", "reload"];

/** So long a stream may be away before it is said: a step-up, or a hospital that starts anew, ends it for some seconds. */
const GRACE_MS = 8000;
/** The hospital says something every 15 s: a stream that says nothing for so long is dead, whatever the browser takes it for. */
const SILENCE_MS = 45_000;
/** Pauses before a refused stream is asked for again. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Whom the stream tells. */
export interface SourceEvents {
  readonly onConnection: (connection: Connection) => void;
  /** @param data - JSON, as the hospital sent it. */
  readonly onEvent: (name: LiveEventName, data: string) => void;
  /** The hospital, or something before it, answered with an error; the stream is tried again all the same. */
  readonly onRefused: () => void;
}

/**
 * The stream itself, kept open until it is closed.
 *
 * While the network is away the browser reconnects by itself and says where it stood; the hospital sends what was missed.
 * After an error answer it does not, so a new one is opened. One that opens without a place where it stood knows nothing
 * of the time before: everything is to be asked anew. One that has gone silent, as where a network dropped it without a word,
 * is given up for a new one.
 *
 * @returns How to close it.
 */
export function openLiveSource(events: SourceEvents): () => void {
  let source: EventSource;
  let pauseMs = FIRST_PAUSE_MS;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof watchSilence> | undefined;

  const wait = (): void => {
    grace ??= setTimeout(() => events.onConnection("lost"), GRACE_MS);
  };
  const opened = (): void => {
    clearTimeout(grace);
    grace = undefined;
    pauseMs = FIRST_PAUSE_MS;
    events.onConnection("live");
  };
  const connect = (): void => {
    const own = new EventSource(CONSOLE_PATHS.live);
    source = own;
    let hasPlace = false;
    silence?.stop();
    silence = watchSilence(() => {
      own.close();
      events.onConnection("lost");
      connect();
    });
    const { heard } = silence;
    own.addEventListener("open", () => {
      heard();
      opened();
      if (!hasPlace) events.onEvent("reload", "{}");
    });
    own.addEventListener("error", () => {
      wait();
      if (own.readyState !== EventSource.CLOSED) return;
      silence?.stop();
      pause = setTimeout(connect, pauseMs);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      events.onRefused();
    });
    own.addEventListener("ping", heard);
    for (const name of ["reading", "alert", "break-glass", ...RELOADING] as const) {
      own.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
        heard();
        hasPlace = lastEventId !== "";
        events.onEvent(name, data);
      });
    }
  };
  wait();
  connect();
  return () => {
    clearTimeout(pause);
    clearTimeout(grace);
    silence?.stop();
    source.close();
  };
}

/**
 * Calls back once nothing was heard for {@link SILENCE_MS}. A busy ward says hundreds of things a second: of each only the time is
 * noted, and the timer is set anew when it has run out.
 */
function watchSilence(onSilent: () => void) {
  let heardAt = performance.now();
  let timer: ReturnType<typeof setTimeout>;
  const look = (): void => {
    const leftMs = heardAt + SILENCE_MS - performance.now();
    if (leftMs > 0) timer = setTimeout(look, leftMs);
    else onSilent();
  };
  look();
  return {
    heard: () => {
      heardAt = performance.now();
    },
    stop: () => clearTimeout(timer),
  };
}
