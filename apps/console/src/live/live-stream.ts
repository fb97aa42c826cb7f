import type { LiveAlert, LiveEventName, LivePatient, LiveReading } from "@siphms/api";
import { openLiveSource, RELOADING } from "./live-source.ts";
import type { Connection, PatientStore } from "./patient-store.ts";

/** What the stream asks of the page. */
export interface LiveStreamEvents {
  /**
   * Something changed that only asking anew shows: a patient was added or changed, or events were or may have been missed.
   *
   * @param patient - Whom it is about; absent where it may be anybody.
   */
  readonly onReload: (patient: string | undefined) => void;
  /** The stream was refused: only the hospital knows whether the session holds. While it does, the stream comes back. */
  readonly onSessionEnded: () => void;
  /** Somebody has opened a record in an emergency; only privacy officers hear of it. */
  readonly onBreakGlass?: () => void;
}

/** Where what the stream says is kept. */
export type LiveTarget = Pick<PatientStore, "apply" | "applyStand" | "setConnection">;

/** What one window tells the others of the same browser. */
type Told =
  | { readonly type: "event"; readonly name: LiveEventName; readonly data: string }
  | { readonly type: "connection"; readonly connection: Connection }
  | { readonly type: "hello" };

/** The name of both the lock and the channel; windows of one origin share them. */
const NAME = "siphms-live";

/**
 * Keeps the store live.
 *
 * The hospital gives one stream to a browser, so the windows of this browser share one: whichever holds the lock opens
 * it and tells the others. When that window closes, another one takes over.
 *
 * @returns How to stop.
 */
export function openLiveStream(store: LiveTarget, events: LiveStreamEvents): () => void {
  const stop = new AbortController();
  const channel = new BroadcastChannel(NAME);
  let closeSource: (() => void) | undefined;
  /** How the stream of this window stands, where it has one. */
  let connection: Connection | undefined;

  const take = (told: Told): void => {
    if (told.type === "connection") store.setConnection(told.connection);
    else if (told.type === "event" && told.name === "reading") {
      store.apply(JSON.parse(told.data) as LiveReading);
    } else if (told.type === "event" && told.name === "alert") {
      store.applyStand(JSON.parse(told.data) as LiveAlert);
    } else if (told.type === "event" && told.name === "break-glass") events.onBreakGlass?.();
    else if (told.type === "event" && RELOADING.includes(told.name)) {
      events.onReload((JSON.parse(told.data) as Partial<LivePatient>).patient);
    }
  };
  const followers = watchFollowers();
  const tell = (told: Told): void => {
    take(told);
    // On a busy ward telling nobody would cost as much as drawing.
    if (followers.mayListen()) channel.postMessage(told);
  };

  channel.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    // A window that has just opened asks how things stand; only the one with the stream knows.
    if (data.type !== "hello") take(data);
    else {
      followers.heard();
      if (connection !== undefined) tell({ type: "connection", connection });
    }
  });
  channel.postMessage({ type: "hello" } satisfies Told);

  const lead = (): Promise<void> => {
    closeSource = openLiveSource({
      onConnection: (now) => {
        connection = now;
        tell({ type: "connection", connection });
      },
      onEvent: (name, data) => tell({ type: "event", name, data }),
      // What becomes of the session the other windows hear from this one.
      onRefused: events.onSessionEnded,
    });
    return new Promise((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  };
  navigator.locks.request(NAME, { signal: stop.signal }, lead).catch((error: unknown) => {
    // Stopped while another window still led.
    if (!stop.signal.aborted) throw error;
  });

  return () => {
    stop.abort();
    followers.stop();
    closeSource?.();
    channel.close();
  };
}

/** How often it is looked whether another window is there; whoever has just said hello counts for longer. */
const LOOK_MS = 10_000;
const HELLO_MS = 2 * LOOK_MS;

/** Knows whether another window of this browser listens: each of them waits to lead. */
function watchFollowers() {
  let isSomebodyWaiting = true;
  let heardAt = -Infinity;
  const look = async (): Promise<void> => {
    const { pending = [] } = await navigator.locks.query();
    isSomebodyWaiting = pending.some(({ name }) => name === NAME);
  };
  const lookAgain = (): void => {
    // Where that cannot be told somebody may be there.
    look().catch(() => (isSomebodyWaiting = true));
  };
  lookAgain();
  const timer = setInterval(lookAgain, LOOK_MS);
  return {
    heard: () => (heardAt = performance.now()),
    mayListen: () => isSomebodyWaiting || performance.now() - heardAt < HELLO_MS,
    stop: () => clearInterval(timer),
  };
}
