import type { BenchSession } from "../harness/bench-device.ts";
import { askMailbox, cursorOf } from "../load/idle-waits.ts";
import { createHttpLane } from "../load/http-lane.ts";
import type { HttpLane } from "../load/http-lane.ts";
import { loopbackAddresses } from "./addresses.ts";
import { atRate, createFloodCount } from "./flood-count.ts";
import type { Flood, FloodPace } from "./flood-count.ts";

const TIMEOUT_MS = 45_000;

/** Lets each session wait for its mailbox, on a connection of its own, again and again. */
export function startWaitFlood(
  plan: FloodPace,
  { port, sessions }: { readonly port: number; readonly sessions: readonly BenchSession[] },
): Flood {
  const addresses = loopbackAddresses(plan.network, plan.addresses);
  const count = createFloodCount();
  const lanes: HttpLane[] = [];
  const left = sessions.slice(0, plan.connections).entries();
  let held = 0;
  const over = new AbortController();
  const isOver = (): boolean => over.signal.aborted;

  async function wait(session: BenchSession, from: string | undefined): Promise<void> {
    const lane = createHttpLane(port, from);
    lanes.push(lane);
    let cursor: string | undefined;
    while (!isOver()) {
      held += 1;
      const { status, head } = await lane.send(askMailbox(session, { port, cursor }), TIMEOUT_MS);
      held -= 1;
      // A device's first notices may lie there already.
      if (status === 200) cursor = cursorOf(head);
      else if (!isOver()) count.add(status);
    }
  }

  const stop = atRate(plan.perSecond, () => {
    const next = left.next();
    if (next.done === true) return false;
    const [index, session] = next.value;
    void wait(session, addresses[index % addresses.length]);
    return true;
  });
  return {
    end() {
      over.abort();
      stop();
      const report = count.report(held);
      for (const lane of lanes) lane.close();
      return report;
    },
  };
}
