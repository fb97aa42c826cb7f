import type { SystemAlert, Told } from "@siphms/api";
import type { Channel, Level } from "@siphms/alerts";
import type { Queryable, Transaction } from "../database/index.ts";

/** An open alert that somebody is to be told of. Nothing here says what was found. */
export interface AlertToTell {
  readonly id: number;
  readonly patientId: string;
  readonly channel: Channel;
  readonly level: Level;
  /** Real time, ms: when it was raised, or its level rose. */
  readonly raised: number;
}

/** What telling came to. */
export interface Telling {
  /** How many people were told; 0 where nobody could be, and the next step is due at once or there is none. */
  readonly people: number;
  /** The step that the alert has come to: to be stored with it. 0 again where no step could be taken that counts. */
  readonly step: number;
  /** Real time, ms, at which the next step is due if nobody acknowledges; null: there is none. */
  readonly nextStepAt: number | null;
}

/** A fault of the hospital itself, for administrators. Says nothing of a patient. */
export interface SystemFault {
  readonly what: SystemAlert["what"];
  readonly way?: "email" | "webhook";
  /** Why, as a word of `a-z` and `-` that docs/errors.md explains. */
  readonly reason: string;
}

/**
 * How the alerts job has people told. Everything is queued in the transaction that makes it true, and leaves after the
 * commit; times are real ones, not a patient's clinical time.
 */
export interface Notifier {
  /** Tells everybody who has the patient in their care: step 0. Also where the level of an open alert has risen. */
  onRaised(tx: Transaction, alert: AlertToTell): Promise<Telling>;
  /**
   * Hands an alert on that nobody has acknowledged in time: whoever the hospital's policy names at this step (1, 2 …) gets
   * the patient into their care for twelve hours and is told. To be called at `nextStepAt` with the step after the one that the
   * alert has come to. Past the last step nobody is left: administrators get a system alert. Where nobody is named at all, or
   * what names them was altered, it begins again at the first step after a time: a policy that was mended must find the alert.
   */
  escalate(tx: Transaction, alert: AlertToTell, step: number): Promise<Telling>;
  /** Takes back what has not left yet: somebody looks after it, or it is resolved. */
  onAcknowledged(tx: Transaction, alertId: number): Promise<void>;
  /** Counts what was told to one person at the console as delivered: it was on their screen. */
  onSeen(
    tx: Transaction,
    alertIds: readonly number[],
    seen: { readonly staffId: number; readonly at: number },
  ): Promise<void>;
  /** Who was told, by what way, and what came of it, oldest first; by alert. An alert of which nobody was told is absent. */
  tellingsOf(
    queryable: Queryable,
    alertIds: readonly number[],
  ): Promise<ReadonlyMap<number, readonly Told[]>>;
  /** Opens a system alert, or counts it once more on the open one of the same kind. */
  systemFault(tx: Transaction, fault: SystemFault): Promise<void>;
}
