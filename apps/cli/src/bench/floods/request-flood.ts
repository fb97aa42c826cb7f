import { createHttpLane, NO_STATUS } from "../load/http-lane.ts";
import type { HttpLane } from "../load/http-lane.ts";
import { loopbackAddresses } from "./addresses.ts";
import { atRate, createFloodCount } from "./flood-count.ts";
import type { Flood, FloodPace } from "./flood-count.ts";
import type { RequestSource } from "./flood-requests.ts";

const TIMEOUT_MS = 15_000;

/** Sends single requests at a fixed rate over kept connections, as long as one of them is free. */
export function startRequestFlood(
  plan: FloodPace,
  { port, source }: { readonly port: number; readonly source: RequestSource },
): Flood {
  const addresses = loopbackAddresses(plan.network, plan.addresses);
  const lanes = Array.from({ length: plan.connections }, (_, index) =>
    createHttpLane(port, addresses[index % addresses.length]),
  );
  // In turn, so that every address sends.
  const free: HttpLane[] = [...lanes];
  const count = createFloodCount();
  let sent = 0;
  let isOver = false;

  const send = async (lane: HttpLane): Promise<void> => {
    const { status } = await lane.send(source(sent++), TIMEOUT_MS);
    if (isOver && status === NO_STATUS.lost) return;
    count.add(status);
    free.push(lane);
  };
  const stop = atRate(plan.perSecond, () => {
    const lane = free.shift();
    if (lane !== undefined) void send(lane);
    return lane !== undefined;
  });
  return {
    end() {
      isOver = true;
      stop();
      for (const lane of lanes) lane.close();
      return count.report(0);
    },
  };
}
