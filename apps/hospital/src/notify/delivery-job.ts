import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findAddress } from "./contact-rows.ts";
import { noteSystemFault } from "./notifier.ts";
import {
  claimDue,
  settle,
  type ClaimedDelivery,
  type DeliveryOutcome,
  type DeliveryWay,
} from "./outbox.ts";
import type { NotifyWays } from "./outgoing.ts";
import { ALARMING_TRIES } from "./retries.ts";

/** What delivering needs of the rest. */
export interface DeliveryJobPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ways: NotifyWays;
  /** Called after the commit that says what came of a try to tell of this patient's alert. */
  readonly onTried?: (patientId: string) => void;
}

/** Delivers what is queued, and tries again what failed. */
export interface DeliveryJob {
  /** Tries everything that is due, until nothing is. */
  run(): Promise<void>;
  /** Looks at once, instead of at the next turn. */
  wake(): void;
  /** Looks every second from now on: retries, and what other programs have queued. */
  start(): void;
  /** Ends that, after the tries that are under way. */
  stop(): Promise<void>;
}

const INTERVAL_MS = 1000;
const WAYS: readonly DeliveryWay[] = ["email", "webhook"];
/** Tries under way at the same time, by each way: one that hangs holds up neither the others nor the other way. */
const TOGETHER = 8;

/**
 * Creates the job that delivers.
 *
 * What there is to do stands in the database alone, so nothing that was queued is lost with a program. Each delivery is sent at
 * least once, by one of several programs; after a kill in the middle perhaps once more, under the same id.
 */
export function createDeliveryJob(ports: DeliveryJobPorts): DeliveryJob {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const lanes = WAYS.map((way) => createLane(way, { ...ports, isStopped: () => isStopped }));
  const wake = (): void => {
    for (const lane of lanes) lane.wake();
  };
  return {
    async run() {
      wake();
      await Promise.all(lanes.map((lane) => lane.idle()));
    },
    wake,
    start() {
      wake();
      timer = setInterval(wake, INTERVAL_MS);
      timer.unref();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await Promise.all(lanes.map((lane) => lane.idle()));
    },
  };
}

interface Context extends DeliveryJobPorts {
  readonly isStopped: () => boolean;
}

/** One way's tries, at most {@link TOGETHER} of them at the same time. */
interface Lane {
  wake(): void;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
}

function createLane(way: DeliveryWay, context: Context): Lane {
  const { database, clock, log, isStopped } = context;
  const underWay = new Set<Promise<void>>();
  let filling: Promise<void> | undefined;
  let isWoken = false;

  const noteError = (error: unknown): void => {
    log.error("alerts were not delivered", errorFields(error));
  };
  const begin = (delivery: ClaimedDelivery): void => {
    const one = deliver(way, delivery, context)
      .catch(noteError)
      .finally(() => {
        underWay.delete(one);
        wake();
      });
    underWay.add(one);
  };
  const fill = async (): Promise<void> => {
    while (isWoken && !isStopped()) {
      isWoken = false;
      const room = TOGETHER - underWay.size;
      if (room === 0) return;
      const claimed = await claimDue(database, { way, now: clock.now(), limit: room });
      for (const delivery of claimed) begin(delivery);
    }
  };
  const wake = (): void => {
    isWoken = true;
    filling ??= fill()
      .catch(noteError)
      .finally(() => {
        filling = undefined;
      });
  };
  return {
    wake,
    async idle() {
      while (filling !== undefined || underWay.size > 0) {
        await Promise.all([filling, ...underWay]);
      }
    },
  };
}

async function deliver(
  way: DeliveryWay,
  delivery: ClaimedDelivery,
  context: Context,
): Promise<void> {
  const { database, clock, log } = context;
  const outcome = await attempt(way, delivery, context);
  const at = clock.now();
  const settled = await database.withTransaction(async (tx) => {
    const state = await settle(tx, delivery, { outcome, at });
    const isAlarming =
      state === "failed" || (state === "waiting" && delivery.attempt === ALARMING_TRIES);
    if (isAlarming) {
      await noteSystemFault(tx, { what: "delivery-failed", way, reason: outcome }, at);
    }
    return state;
  });
  context.onTried?.(delivery.patientId);
  if (settled === "delivered" || settled === "withdrawn") return;
  log.warn("an alert was not delivered", {
    kind: way,
    reason: outcome,
    outcome: settled,
    attempt: delivery.attempt,
  });
}

async function attempt(
  way: DeliveryWay,
  { message, staffId }: ClaimedDelivery,
  { database, keyring, clock, ways }: Context,
): Promise<DeliveryOutcome> {
  if (way === "webhook") {
    return ways.webhook === undefined ? "not-configured" : ways.webhook.send(message, clock.now());
  }
  if (ways.email === undefined) return "not-configured";
  if (staffId === null) return "withdrawn";
  const found = await findAddress(database, keyring, staffId);
  if (found.kind === "address") return ways.email.send(message, found.address);
  return found.kind === "altered" ? "address-altered" : "withdrawn";
}
