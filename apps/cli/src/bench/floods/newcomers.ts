import type { Clock } from "@siphms/device";
import type { Crypto } from "@siphms/cose";

import type { BenchIdentity } from "../harness/bench-device.ts";
import { shakeHands } from "../harness/bench-handshake.ts";
import { loopbackAddresses } from "./addresses.ts";
import type { NewcomerReport } from "./flood-calls.ts";
import { createLaneGateway, ToldToWait } from "./lane-gateway.ts";

const NETWORK = 50;
const ADDRESSES = 1_000;
/** Between two that come. */
const BETWEEN_MS = 100;

/** What newcomers need. */
export interface NewcomerParts {
  readonly port: number;
  readonly device: BenchIdentity;
  readonly crypto: Crypto;
  readonly clock: Clock;
}

/** Lets devices open sessions one after the other, each from an address of its own. @returns what ends it. */
export function startNewcomers(parts: NewcomerParts): () => Promise<NewcomerReport> {
  const over = new AbortController();
  const addresses = loopbackAddresses(NETWORK, ADDRESSES);
  let [sessions, toldToWait, longestMs] = [0, 0, 0];

  async function come(from: string): Promise<void> {
    const { port, device, crypto, clock } = parts;
    const began = clock.monotonic();
    while (!over.signal.aborted) {
      const gateway = createLaneGateway(port, from);
      try {
        await shakeHands(device, { gateway, crypto });
        sessions += 1;
        longestMs = Math.max(longestMs, clock.monotonic() - began);
        return;
      } catch (error) {
        if (!(error instanceof ToldToWait)) throw error;
        toldToWait += 1;
        await clock.sleep(error.waitMs, over.signal);
      } finally {
        gateway.close();
      }
    }
  }

  async function comeAll(): Promise<void> {
    for (let n = 0; !over.signal.aborted; n += 1) {
      await come(addresses[n % addresses.length] ?? "");
      await parts.clock.sleep(BETWEEN_MS, over.signal);
    }
  }

  const done = comeAll();
  // Heard of at the end; until then a failure is not unheard.
  done.catch(() => undefined);
  return async () => {
    over.abort();
    await done;
    return { sessions, toldToWait, longestMs: sessions === 0 ? null : longestMs };
  };
}
