/** A patient whose evaluation failed. */
interface Setback {
  /** When it failed first, real ms. */
  readonly since: number;
  readonly tries: number;
  readonly nextAt: number;
  /** The first entry of theirs that is not gone through. */
  readonly firstId: number | undefined;
}

/**
 * Patients whose evaluation failed for a reason that may pass: what is known of them is left undone and tried again, ever
 * more seldom, while everybody else goes on. Kept in memory: a program that starts anew tries at once.
 */
export interface Setbacks {
  /** Those whose time to be tried again has not come. */
  waiting(now: number): readonly string[];
  /** No entry from this one on may count as gone through. */
  firstUndone(): number | undefined;
  /** Whether it was tried so often that this is no accident. */
  isLasting(patientId: string): boolean;
  /** Whether what is known of a patient is to be given up. */
  isHopeless(patientId: string, now: number): boolean;
  /** To be called after the commit. */
  failed(
    patientId: string,
    at: { readonly now: number; readonly firstId: number | undefined },
  ): void;
  /** To be called after the commit: it worked, or was given up. */
  over(patientId: string): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;
const LASTING_TRIES = 3;
/** A fault of the database passes, or somebody mends it, within this time. */
const GIVE_UP_MS = 3_600_000;

/** Begins with nobody. */
export function createSetbacks(): Setbacks {
  const all = new Map<string, Setback>();
  return {
    waiting: (now) => [...all].flatMap(([id, { nextAt }]) => (now < nextAt ? [id] : [])),
    firstUndone() {
      const ids = [...all.values()].flatMap(({ firstId }) => firstId ?? []);
      return ids.length === 0 ? undefined : Math.min(...ids);
    },
    isLasting: (patientId) => (all.get(patientId)?.tries ?? 0) + 1 >= LASTING_TRIES,
    isHopeless(patientId, now) {
      const since = all.get(patientId)?.since;
      return since !== undefined && now >= since + GIVE_UP_MS;
    },
    failed(patientId, { now, firstId }) {
      const before = all.get(patientId);
      const tries = (before?.tries ?? 0) + 1;
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
      all.set(patientId, { since: before?.since ?? now, tries, nextAt: now + wait, firstId });
    },
    over(patientId) {
      all.delete(patientId);
    },
  };
}
