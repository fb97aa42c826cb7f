import { RETENTION_MS } from "@siphms/relay";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { Handshakes } from "./handshakes.ts";
import { SWEEP_EVERY_MS } from "./limits.ts";
import type { Passes } from "./passes.ts";
import type { QueueStore } from "./ports.ts";
import type { Rates } from "./rates.ts";
import type { RefusalPace } from "./refusal-pace.ts";
import type { Settling } from "./settling.ts";
import type { Uplinks } from "./uplinks.ts";
import type { Vouchers } from "./vouchers.ts";

/** What {@link createHousekeeping} works with. */
export interface HousekeepingPorts {
  readonly store: QueueStore;
  readonly uplinks: Uplinks;
  readonly settling: Settling;
  readonly rates: Rates;
  readonly refusalPace: RefusalPace;
  readonly handshakes: Handshakes;
  readonly passes: Passes;
  readonly vouchers: Vouchers;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What has to be done from time to time. */
export interface Housekeeping {
  /** Does what is due; call it every second. Calls that come while one is at work do nothing. */
  tick(): Promise<void>;
}

/** Creates the housekeeping: expelled hospitals, closings to be stored, idle rates, and the 72 h sweep at the start and every ten minutes. */
export function createHousekeeping(ports: HousekeepingPorts): Housekeeping {
  const { store, uplinks, settling, clock, log } = ports;
  let atWork = false;
  let nextSweepAt = 0;

  async function sweepIfDue(): Promise<void> {
    const now = clock.now();
    if (now < nextSweepAt) return;
    nextSweepAt = now + SWEEP_EVERY_MS;
    ports.handshakes.forgetOld();
    ports.passes.forgetExpired();
    ports.vouchers.forgetOld();
    const swept = await store.sweep(now - RETENTION_MS, now);
    const total = swept.queued + swept.mailbox;
    if (total > 0) log.warn("entries passed the retention time", { total, count: swept.queued });
  }

  return {
    async tick() {
      if (atWork) return;
      atWork = true;
      try {
        uplinks.closeExpelled();
        ports.rates.forgetIdle();
        ports.refusalPace.forgetIdle();
        await store.probe();
        await settling.retryClosings();
        await sweepIfDue();
      } catch (error) {
        // The next tick tries again; a store that fails shows in the health answer.
        log.error("housekeeping failed", errorFields(error));
      } finally {
        atWork = false;
      }
    },
  };
}
