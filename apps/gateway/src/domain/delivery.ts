import { MAX_UPLINK_CREDIT } from "@siphms/relay";
import { MAX_UPLINK_BACKLOG_BYTES, PUMP_BYTES, PUMP_ENVELOPES } from "./limits.ts";
import type { QueueStore, UplinkLink } from "./ports.ts";

/** Sends one hospital its envelopes over one uplink: in order, each once, as far as its credit goes. */
export interface Delivery {
  /** The hospital takes so many more. */
  credit(count: number): void;
  /** Something new is in the queue, or the link has room again. */
  wake(): void;
  stop(): void;
}

/** What {@link createDelivery} works with. */
export interface DeliveryPorts {
  readonly hospital: string;
  readonly store: QueueStore;
  readonly link: UplinkLink;
  /** Calls back at the end of this turn of the event loop. */
  readonly schedule: (run: () => void) => void;
}

/**
 * Creates the delivery of a new uplink.
 *
 * It begins at the oldest unanswered envelope, so whatever an earlier uplink left open comes again.
 * Nothing is kept here but a place in the queue and the credit: the queue itself is on disk.
 */
export function createDelivery(ports: DeliveryPorts): Delivery {
  const { hospital, store, link, schedule } = ports;
  let credit = 0;
  let sentUpTo = 0;
  let scheduled = false;
  let stopped = false;

  function pump(): void {
    scheduled = false;
    if (stopped || credit === 0 || link.backlogBytes() > MAX_UPLINK_BACKLOG_BYTES) return;
    const count = Math.min(credit, PUMP_ENVELOPES);
    const envelopes = store.pending(hospital, sentUpTo, { count, bytes: PUMP_BYTES });
    for (const { number, sid, body } of envelopes) {
      link.send({ type: "envelope", sid, number, body });
      sentUpTo = number;
    }
    credit -= envelopes.length;
    if (envelopes.length > 0) wake();
  }

  function wake(): void {
    if (scheduled || stopped) return;
    scheduled = true;
    schedule(pump);
  }

  return {
    credit(count) {
      credit = Math.min(credit + count, MAX_UPLINK_CREDIT);
      wake();
    },
    wake,
    stop() {
      stopped = true;
    },
  };
}
