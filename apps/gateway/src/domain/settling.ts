import type { Bytes } from "@siphms/relay";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { QueueStore, SessionRef, Settlement } from "./ports.ts";
import { sessionText } from "./session-text.ts";
import { StoreError } from "./store-error.ts";
import type { Waits } from "./waits.ts";

/** What a request that waits for its answer is told. */
export type EnvelopeNews =
  { readonly kind: "answer"; readonly envelope: Bytes } | { readonly kind: "no-answer" };

/** Requests that wait for the answer to the envelope of that number. */
export type EnvelopeWaits = Waits<number, EnvelopeNews>;

/** Requests that wait for anything in the mailbox of that session (see `sessionText`). */
export type MailboxWaits = Waits<string, true>;

/** Carries out what hospitals say about sessions. */
export interface Settling {
  /** `false` if it could not be stored: then nothing of it holds, except that closed sessions stay closed. */
  settle(hospital: string, settlements: readonly Settlement[]): Promise<boolean>;
  isClosed(session: SessionRef): boolean;
  /** Tries again to store closings that could not be stored. */
  retryClosings(): Promise<void>;
}

/** What {@link createSettling} works with. */
export interface SettlingPorts {
  readonly store: QueueStore;
  readonly envelopeWaits: EnvelopeWaits;
  readonly mailboxWaits: MailboxWaits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Creates the settling. */
export function createSettling(ports: SettlingPorts): Settling {
  const { store, envelopeWaits, mailboxWaits, clock, log } = ports;
  // A closing acts from the moment it arrives, on disk or not: it is how a stolen phone is shut out.
  const closing = new Map<string, SessionRef>();

  function tell(hospital: string, one: Settlement): void {
    if (one.kind === "answer") {
      envelopeWaits.tell(one.number, { kind: "answer", envelope: one.envelope });
    }
    if (one.kind === "no-answer") envelopeWaits.tell(one.number, { kind: "no-answer" });
    else mailboxWaits.tell(sessionText({ hospital, sid: one.sid }), true);
  }

  async function settle(hospital: string, settlements: readonly Settlement[]): Promise<boolean> {
    const closed = settlements.filter((one) => one.kind === "close");
    for (const { sid } of closed) closing.set(sessionText({ hospital, sid }), { hospital, sid });
    try {
      const effects = await store.settle(hospital, settlements, clock.now());
      for (const { sid } of closed) closing.delete(sessionText({ hospital, sid }));
      settlements.forEach((one, index) => {
        if (effects[index] === true) tell(hospital, one);
      });
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.error("answers could not be stored", {
        hospital,
        count: settlements.length,
        ...errorFields(error),
      });
      return false;
    }
  }

  return {
    settle,
    isClosed: (session) => closing.has(sessionText(session)) || store.isClosed(session),
    async retryClosings() {
      for (const { hospital, sid } of [...closing.values()]) {
        await settle(hospital, [{ kind: "close", sid }]);
      }
    },
  };
}
