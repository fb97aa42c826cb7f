import type { Clock } from "@siphms/device";

import { createHttpLane, NO_STATUS } from "./http-lane.ts";
import type { HttpLane } from "./http-lane.ts";
import { scheduleOf, sendOnSchedule } from "./schedule.ts";
import type { LoadPhase } from "./schedule.ts";

/** A request that was made beforehand. */
export interface PreparedRequest {
  readonly bytes: Uint8Array;
  /** Checks the body of a 200. Rejects where it is not what was due. */
  readonly check?: (body: Uint8Array) => Promise<CheckedReceipt>;
}

/** What a verified receipt says. */
export interface CheckedReceipt {
  /** base64url. */
  readonly messageId: string;
  /** ms, the hospital's clock. */
  readonly stored: number;
}

/** What became of each request, by its place in the list. */
export interface LoadReport {
  /** From the first sending to the last answer. */
  readonly seconds: number;
  /** When it should have been sent, ms since the beginning; in a closed loop, when it was sent. */
  readonly intendedMs: Float64Array;
  /** When its answer was there; ms since the beginning. */
  readonly doneMs: Float64Array;
  /** Of HTTP, or of {@link NO_STATUS}. */
  readonly status: Int16Array;
  /** CPU seconds of this process until then. */
  readonly cpuSeconds: number;
  /** Of all verified receipts, in the order in which they were verified. */
  readonly receipts: readonly CheckedReceipt[];
}

const NO_BODY: Uint8Array = new Uint8Array();

/** Where and how long. */
interface Target {
  readonly port: number;
  readonly clock: Clock;
  /** After which an answer is given up. */
  readonly timeoutMs: number;
}

/**
 * Sends all requests over so many connections, each sending the next as soon as it has its answer: a closed loop, for the throughput.
 *
 * Answers are checked after the clock has stopped: verifying is the work of devices, which are no part of what is measured.
 */
export async function sendAll(
  requests: readonly PreparedRequest[],
  { connections, ...target }: Target & { readonly connections: number },
): Promise<LoadReport> {
  const run = startRun(requests, target.clock);
  const left = requests.entries();
  const bodies = new Map<number, Uint8Array>();
  const drive = async (lane: HttpLane): Promise<void> => {
    // All lanes take from one iterator.
    for (const [index, { bytes }] of left) {
      run.intendedMs[index] = run.elapsed();
      const { status, body } = await lane.send(bytes, target.timeoutMs);
      run.doneMs[index] = run.elapsed();
      run.status[index] = status;
      if (status === 200) bodies.set(index, body);
    }
  };
  const lanes = Array.from({ length: connections }, () => createHttpLane(target.port));
  await Promise.all(lanes.map(drive));
  const end = run.end();
  for (const lane of lanes) lane.close();
  run.receipts.push(...(await checkAll(requests, bodies)));
  return { ...run.report, ...end };
}

/** @param bodies - By the place of their requests, where the answer was 200. */
async function checkAll(
  requests: readonly PreparedRequest[],
  bodies: ReadonlyMap<number, Uint8Array>,
): Promise<readonly CheckedReceipt[]> {
  const receipts: CheckedReceipt[] = [];
  for (const [index, body] of bodies) {
    const receipt = await requests[index]?.check?.(body);
    if (receipt !== undefined) receipts.push(receipt);
  }
  return receipts;
}

/**
 * Sends at fixed rates, each request over a connection that is free or new: an open loop, for latencies.
 *
 * Resolves when every request has its answer or was given up.
 *
 * @param requests - As many as the phases make.
 */
export async function sendPaced(
  requests: readonly PreparedRequest[],
  options: Target & {
    readonly phases: readonly LoadPhase[];
    /** Beyond, requests wait; their time counts. */
    readonly maxConnections: number;
    /** "afterwards": an answer counts as there when it is whole. */
    readonly verify: "on-arrival" | "afterwards";
  },
): Promise<LoadReport> {
  const { clock, timeoutMs, port, phases, maxConnections, verify } = options;
  const timesMs = scheduleOf(phases);
  if (timesMs.length !== requests.length)
    throw new RangeError("requests: not what the phases make");
  const run = startRun(requests, clock);
  run.intendedMs.set(timesMs);
  const pool = createLanePool(port, maxConnections);
  const underWay: Promise<void>[] = [];
  const bodies = new Map<number, Uint8Array>();
  const sendOne = async (index: number, { bytes, check }: PreparedRequest): Promise<void> => {
    const lane = await pool.take();
    const leftMs = timeoutMs - (run.elapsed() - (timesMs[index] ?? 0));
    const { status, body } =
      leftMs > 0 ? await lane.send(bytes, leftMs) : { status: NO_STATUS.timeout, body: NO_BODY };
    pool.give(lane);
    run.status[index] = status;
    if (check !== undefined && status === 200) {
      if (verify === "afterwards") bodies.set(index, body);
      else run.receipts.push(await check(body));
    }
    run.doneMs[index] = run.elapsed();
  };
  const send = (index: number): void => {
    const request = requests[index];
    if (request === undefined) return;
    const sent = sendOne(index, request);
    // Heard of below; until then a failure is not unheard.
    sent.catch(() => undefined);
    underWay.push(sent);
  };
  try {
    await sendOnSchedule({ timesMs, clock, send });
    await Promise.all(underWay);
    const end = run.end();
    run.receipts.push(...(await checkAll(requests, bodies)));
    return { ...run.report, ...end };
  } finally {
    pool.close();
  }
}

function startRun(requests: readonly PreparedRequest[], clock: Clock) {
  const began = clock.monotonic();
  const usedBefore = process.cpuUsage();
  const elapsed = (): number => clock.monotonic() - began;
  const report = {
    intendedMs: new Float64Array(requests.length),
    doneMs: new Float64Array(requests.length),
    status: new Int16Array(requests.length),
    receipts: new Array<CheckedReceipt>(),
  };
  return {
    ...report,
    report,
    elapsed,
    /** The clock stops: what is checked afterwards is no part of the run. */
    end: () => {
      const { user, system } = process.cpuUsage(usedBefore);
      return { seconds: elapsed() / 1_000, cpuSeconds: (user + system) / 1_000_000 };
    },
  };
}

interface LanePool {
  take(): Promise<HttpLane>;
  give(lane: HttpLane): void;
  close(): void;
}

function createLanePool(port: number, max: number): LanePool {
  const all: HttpLane[] = [];
  const free: HttpLane[] = [];
  const waiting: ((lane: HttpLane) => void)[] = [];
  return {
    take() {
      const lane = free.pop();
      if (lane !== undefined) return Promise.resolve(lane);
      if (all.length === max) return new Promise((resolve) => waiting.push(resolve));
      const fresh = createHttpLane(port);
      all.push(fresh);
      return Promise.resolve(fresh);
    },
    give(lane) {
      const next = waiting.shift();
      if (next === undefined) free.push(lane);
      else next(lane);
    },
    close() {
      for (const lane of all) lane.close();
    },
  };
}
