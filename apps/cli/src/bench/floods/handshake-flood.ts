import type { Crypto } from "@siphms/cose";
import { createCredential, DEVICE_SUB } from "@siphms/cose";

import type { BenchIdentity } from "../harness/bench-device.ts";
import { shakeHands } from "../harness/bench-handshake.ts";
import { loopbackAddresses } from "./addresses.ts";
import { atRate, createFloodCount } from "./flood-count.ts";
import type { Flood, FloodPace } from "./flood-count.ts";
import { createLaneGateway, ToldToWait } from "./lane-gateway.ts";
import type { LaneGateway } from "./lane-gateway.ts";

const REFUSED = 400;
const SLOW_DOWN = 429;

/** Shakes hands as a device that the hospital does not know, up to the refusal of message_3, at a fixed rate. */
export async function startHandshakeFlood(
  plan: FloodPace,
  parts: { readonly port: number; readonly like: BenchIdentity; readonly crypto: Crypto },
): Promise<Flood> {
  const { port, like, crypto } = parts;
  const key = await crypto.generateSigningKey();
  const credential = await createCredential(DEVICE_SUB, key.publicPoint, crypto);
  const stranger: BenchIdentity = { ...like, key, credential };
  const addresses = loopbackAddresses(plan.network, plan.addresses);
  const gateways = Array.from({ length: plan.connections }, (_, index) =>
    createLaneGateway(port, addresses[index % addresses.length] ?? ""),
  );
  const free: LaneGateway[] = [...gateways];
  const count = createFloodCount();
  let isOver = false;

  async function tryOnce(gateway: LaneGateway): Promise<void> {
    try {
      await shakeHands(stranger, { gateway, crypto });
    } catch (error) {
      if (!isOver) count.add(error instanceof ToldToWait ? SLOW_DOWN : REFUSED);
    }
    free.push(gateway);
  }

  const stop = atRate(plan.perSecond, () => {
    const gateway = free.shift();
    if (gateway !== undefined) void tryOnce(gateway);
    return gateway !== undefined;
  });
  return {
    end() {
      isOver = true;
      stop();
      for (const gateway of gateways) gateway.close();
      return count.report(0);
    },
  };
}
