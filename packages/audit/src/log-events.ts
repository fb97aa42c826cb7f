/** The events that say something of the log itself, by which whoever verifies it tells what is meant to be missing. */
export const LOG_EVENTS = {
  /** The first entry of all: commits to what was recorded before there was a log. */
  began: "audit.began",
  /** Sequences of its own instance whose transactions were rolled back: `object` holds {@link sequencesTexts}. */
  abandoned: "audit.abandoned",
  /** From here on another key signs: `object` is its verifier key. */
  keyRotated: "audit.key-rotated",
  /** A program began. */
  started: "hospital.started",
  /** A program ended in order: its instance's last entry. */
  stopped: "hospital.stopped",
} as const;
