import type { Clock } from "@siphms/device";

/** A part of the installation that is running. */
export interface Running {
  /** Settles with a word about how it ended. */
  readonly ended: Promise<string>;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

/** What {@link supervise} needs. */
export interface SuperviseOptions {
  readonly name: string;
  readonly start: () => Promise<Running>;
  readonly say: (line: string) => void;
  readonly clock: Clock;
}

/** A part that is started again when it ends by itself. */
export interface Supervised {
  stop(): Promise<void>;
  kill(): void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** After this time a part counts as healthy again, and the next pause is short. */
const HEALTHY_MS = 60_000;

/**
 * Starts a part, and starts it again with growing pauses whenever it ends by itself, saying so.
 *
 * @throws what the first start throws; later starts that fail are tried again.
 */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const stopping = new AbortController();
  const state = { current: await options.start() };
  const loop = watch(state, options, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await state.current.stop();
      await loop;
    },
    kill: () => {
      stopping.abort();
      state.current.kill();
    },
  };
}

async function watch(
  state: { current: Running },
  options: SuperviseOptions,
  stopping: AbortSignal,
): Promise<void> {
  const { name, say, clock } = options;
  const isStopping = (): boolean => stopping.aborted;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const startedAt = clock.monotonic();
    const reason = await state.current.ended;
    if (isStopping()) return;
    if (clock.monotonic() - startedAt >= HEALTHY_MS) pauseMs = FIRST_PAUSE_MS;
    say(`The ${name} ended by itself (${reason}); starting it again in ${pauseMs / 1_000} s.`);
    await clock.sleep(pauseMs, stopping);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    if (isStopping()) return;
    state.current = await startAgain(options);
    // It may have been asked to stop while it started.
    if (isStopping()) await state.current.stop();
  }
}

async function startAgain({ name, start, say }: SuperviseOptions): Promise<Running> {
  try {
    const running = await start();
    say(`The ${name} runs again.`);
    return running;
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown";
    return { ended: Promise.resolve(reason), stop: () => Promise.resolve(), kill: () => undefined };
  }
}
