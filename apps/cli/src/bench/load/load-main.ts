import { systemClock } from "../../device-state/system-clock.ts";
import { serveBenchProcess } from "../harness/bench-process.ts";
import { createFleet, prepareEnvelopes, preparePlain } from "./fleet.ts";
import type { Fleet } from "./fleet.ts";
import { createIdleWaits } from "./idle-waits.ts";
import type { IdleWaits } from "./idle-waits.ts";
import type { LoadCalls, LoadWork } from "./load-calls.ts";
import { sendAll, sendPaced } from "./load-run.ts";
import type { PreparedRequest } from "./load-run.ts";

/** Beyond what the gateway is asked to wait. */
const MARGIN_MS = 10_000;

let fleet: Fleet | undefined;
let waits: IdleWaits | undefined;
let held = 0;
let prepared:
  { readonly work: LoadWork; readonly requests: readonly PreparedRequest[] } | undefined;
/** A patient of the plain pipeline has one value at a time: each preparation begins where the last one ended. */
let plainBegin = Date.now();

function fleetOf(): Fleet {
  if (fleet === undefined) throw new TypeError("load: no devices are enrolled");
  return fleet;
}

async function prepare(work: LoadWork): Promise<readonly PreparedRequest[]> {
  const { sessions } = fleetOf();
  if (work.kind === "sealed") return prepareEnvelopes(sessions, work);
  const patients = sessions.length;
  const begin = plainBegin;
  plainBegin += (Math.ceil(work.count / patients) + 1) * 60_000;
  return preparePlain(work.kind, { ...work, patients, begin });
}

serveBenchProcess<LoadCalls>({
  enrol: async (options) => {
    fleet = await createFleet(options);
    return null;
  },
  openSessions: async (count) => {
    await fleetOf().openSessions(count);
    return null;
  },
  prepare: async (work) => {
    prepared = { work, requests: await prepare(work) };
    return null;
  },
  send: async (pace) => {
    if (prepared === undefined) throw new TypeError("load: nothing is prepared");
    const { work, requests } = prepared;
    // Sent once: a sequence number is good for one envelope.
    prepared = undefined;
    const timeoutMs = work.waitSeconds * 1_000 + MARGIN_MS;
    const target = { port: work.port, clock: systemClock, timeoutMs };
    return pace.kind === "saturate"
      ? sendAll(requests, { ...target, ...pace })
      : sendPaced(requests, { ...target, ...pace });
  },
  holdWaits: async ({ port, count }) => {
    waits ??= createIdleWaits(port, systemClock);
    await waits.add(fleetOf().sessions.slice(held, count));
    held = Math.max(held, count);
    return waits.state();
  },
  endWaits: () => {
    waits?.close();
    waits = undefined;
    held = 0;
    return Promise.resolve(null);
  },
});
