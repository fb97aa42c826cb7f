import { createNodeCrypto } from "@siphms/node-crypto";

import { systemClock } from "../../device-state/system-clock.ts";
import { createMachineClient } from "../../installation/key-login.ts";
import type { BenchDevice, BenchSession } from "../harness/bench-device.ts";
import { enrolBenchDevices, mapAtOnce } from "../harness/bench-devices.ts";
import { shakeHands } from "../harness/bench-handshake.ts";
import { serveBenchProcess } from "../harness/bench-process.ts";
import { loopbackAddresses } from "./addresses.ts";
import { startBurning } from "./burning.ts";
import { startConnectionFlood } from "./connection-flood.ts";
import type { ConnectionHabit } from "./connection-flood.ts";
import type { FloodCalls, FloodPlan, NewcomerReport } from "./flood-calls.ts";
import type { Flood } from "./flood-count.ts";
import { requestsOf, writePost, writePostHead } from "./flood-requests.ts";
import { startHandshakeFlood } from "./handshake-flood.ts";
import { createLaneGateway } from "./lane-gateway.ts";
import { startNewcomers } from "./newcomers.ts";
import { startRequestFlood } from "./request-flood.ts";
import { startWaitFlood } from "./wait-flood.ts";

const NETWORK = 60;
const HANDSHAKES_AT_ONCE = 16;
/** No gateway waits for that. */
const TEBIBYTE = 1_024 ** 4;
const LEAVE_AFTER_MS = 50;
const SLOW_BODY_BYTES = 60_000;
const crypto = createNodeCrypto();

/** What a flood needs that was made ready. */
interface Prepared {
  readonly port: number;
  readonly device: BenchDevice;
  readonly sessions: readonly BenchSession[];
}

let prepared: Prepared | undefined;
let flood: Flood | undefined;
let stopBurning: (() => void) | undefined;
let endNewcomers: (() => Promise<NewcomerReport>) | undefined;

/** Enrols a device and opens its sessions, each from another address, as many devices would. */
async function prepare(input: Parameters<FloodCalls["prepare"]>[0]): Promise<Prepared> {
  const port = Number(new URL(input.gatewayUrl).port);
  const operator = createMachineClient(input.operatorSocket);
  const first = createLaneGateway(port, loopbackAddresses(NETWORK, 1)[0] ?? "");
  try {
    const prefix = `FLOOD-${String(process.pid)}`;
    const [device] = await enrolBenchDevices(1, { operator, gateway: first, prefix });
    if (device === undefined) throw new RangeError("no device was enrolled");
    const addresses = loopbackAddresses(NETWORK, Math.max(1, Math.ceil(input.sessions / 10)));
    const numbers = Array.from({ length: input.sessions }, (_, index) => index);
    const sessions = await mapAtOnce(numbers, HANDSHAKES_AT_ONCE, async (number) => {
      const gateway = createLaneGateway(port, addresses[number % addresses.length] ?? "");
      const { session } = await shakeHands(device, { gateway, crypto });
      gateway.close();
      return session;
    });
    return { port, device, sessions };
  } finally {
    first.close();
    operator.close();
  }
}

function habitOf(
  kind: "huge-bodies" | "slow-headers" | "slow-bodies" | "silent-connections" | "new-connections",
  { port, sessions }: Prepared,
): ConnectionHabit {
  const [session] = sessions;
  if (session === undefined) throw new RangeError("sessions: at least one");
  switch (kind) {
    case "huge-bodies":
      return { first: writePostHead({ port }, session, TEBIBYTE), pour: new Uint8Array(65_536) };
    case "slow-headers":
      return {
        first: Buffer.from("POST /v1/x HTTP/1.1\r\nhost: x\r\nx: "),
        drip: Buffer.from("y"),
      };
    case "slow-bodies":
      return {
        first: writePostHead({ port }, session, SLOW_BODY_BYTES),
        drip: Buffer.from("y"),
      };
    case "silent-connections":
      return { first: new Uint8Array() };
    case "new-connections":
      return { first: writePost({ port }, session, "no-pass"), leaveAfterMs: LEAVE_AFTER_MS };
  }
}

async function begin(plan: FloodPlan, ready: Prepared): Promise<Flood> {
  const { port, sessions, device } = ready;
  const { kind } = plan;
  switch (kind) {
    case "message-1":
    case "garbage-passes":
    case "forged-passes":
    case "foreign-passes":
      return startRequestFlood(plan, {
        port,
        source: await requestsOf(kind, { port, sessions, crypto }),
      });
    case "message-3":
      return startHandshakeFlood(plan, { port, like: device, crypto });
    case "idle-waits":
      return startWaitFlood(plan, { port, sessions });
    case "huge-bodies":
    case "slow-headers":
    case "slow-bodies":
    case "silent-connections":
    case "new-connections":
      return startConnectionFlood(plan, { port, habit: habitOf(kind, ready) });
  }
}

function ready(): Prepared {
  if (prepared === undefined) throw new TypeError("flood: nothing is prepared");
  return prepared;
}

serveBenchProcess<FloodCalls>({
  prepare: async (input) => {
    prepared = await prepare(input);
    return null;
  },
  begin: async (plan) => {
    flood = await begin(plan, ready());
    return null;
  },
  end: () => {
    if (flood === undefined) return Promise.reject(new TypeError("flood: none was begun"));
    return Promise.resolve(flood.end());
  },
  beginBurning: (cores) => {
    stopBurning = startBurning(cores);
    return Promise.resolve(null);
  },
  endBurning: () => {
    stopBurning?.();
    return Promise.resolve(null);
  },
  beginNewcomers: () => {
    const { port, device } = ready();
    endNewcomers = startNewcomers({ port, device, crypto, clock: systemClock });
    return Promise.resolve(null);
  },
  endNewcomers: () => {
    if (endNewcomers === undefined) return Promise.reject(new TypeError("no newcomers"));
    return endNewcomers();
  },
});
