import type { OperatorClient } from "../../installation/operator-client.ts";
import type { BenchSession } from "../harness/bench-device.ts";
import { enrolBenchDevices, mapAtOnce, openBenchSession } from "../harness/bench-devices.ts";
import { checkReceipt, sealReadings } from "../harness/bench-envelopes.ts";
import type { SealedItem } from "../harness/bench-envelopes.ts";
import { percentile } from "../harness/statistics.ts";
import { prepareFrames } from "./feed.ts";
import type { PreparedFrames } from "./feed.ts";
import type { StubGateway } from "./stub-gateway.ts";

/** What one round of feeding came to. */
export interface RoundResult {
  /** Envelopes, each with exactly one answer. */
  readonly answered: number;
  /** Of those the receipts that were opened and verified. */
  readonly verified: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What the process that takes the gateway's place can be asked. */
export interface FeederCalls {
  /** The port on which the hospital has to look for its gateway. */
  port(input: undefined): Promise<number>;
  /** Enrols devices and opens a session for each. */
  enrol(input: { readonly operatorSocket: string; readonly devices: number }): Promise<void>;
  /** Signs and seals so many envelopes, turn by turn for all devices; gives the size of one in bytes. */
  prepare(input: { readonly envelopes: number }): Promise<number>;
  /** Feeds what was prepared, checks that each envelope was answered, and verifies some of the receipts. */
  feed(input: undefined): Promise<RoundResult>;
}

/** Envelopes sealed at once: signatures are made in the thread pool. */
const SEALED_AT_ONCE = 32;
/** Of all answers so many are opened and verified. */
const VERIFIED = 50;
/** Envelopes are said to be signed within the last minutes, as after a short gap in the network. */
const SPREAD_MS = 180_000;

interface Prepared {
  readonly frames: PreparedFrames;
  readonly envelopeBytes: number;
  /** Those whose receipts are verified, by their place. */
  readonly checked: ReadonlyMap<
    number,
    { readonly session: BenchSession; readonly item: Omit<SealedItem, "envelope"> }
  >;
}

/** Creates the feeder behind a stub gateway. */
export function createFeeder(
  gateway: StubGateway,
  connectOperator: (socket: string) => OperatorClient,
): FeederCalls {
  let sessions: readonly BenchSession[] = [];
  let prepared: Prepared | undefined;
  return {
    port: () => Promise.resolve(gateway.port),
    async enrol({ operatorSocket, devices }) {
      const operator = connectOperator(operatorSocket);
      await gateway.connected;
      const enrolled = await enrolBenchDevices(devices, { operator, gateway });
      sessions = await mapAtOnce(enrolled, SEALED_AT_ONCE, (one) => openBenchSession(one, gateway));
      operator.close();
    },
    async prepare({ envelopes }) {
      prepared = await prepareEnvelopes(envelopes, sessions, gateway);
      return prepared.envelopeBytes;
    },
    async feed() {
      if (prepared === undefined) throw new RangeError("nothing is prepared");
      const { frames, checked } = prepared;
      prepared = undefined;
      const { seconds, latencies, answers } = await gateway.feed(frames);
      for (const [index, { session, item }] of checked) {
        await checkReceipt(session, item, answers[index] ?? new Uint8Array());
      }
      return {
        answered: answers.length,
        verified: checked.size,
        seconds,
        p50Ms: percentile(latencies, 50),
        p99Ms: percentile(latencies, 99),
      };
    },
  };
}

async function prepareEnvelopes(
  count: number,
  sessions: readonly BenchSession[],
  gateway: Pick<StubGateway, "nextNumber">,
): Promise<Prepared> {
  const now = Date.now();
  const step = Math.max(1, Math.floor(count / VERIFIED));
  const checked = new Map<number, { session: BenchSession; item: Omit<SealedItem, "envelope"> }>();
  const indexes = Array.from({ length: count }, (_, index) => index);
  const bodies = await mapAtOnce(indexes, SEALED_AT_ONCE, async (index) => {
    const session = sessions[index % sessions.length];
    if (session === undefined) throw new RangeError("no device is enrolled");
    const { envelope, ...item } = await sealReadings(session, now - ((index * 997) % SPREAD_MS));
    if (index % step === 0) checked.set(index, { session, item });
    return { sid: session.keys.sid, body: envelope };
  });
  const frames = prepareFrames(
    bodies.map((body) => ({ type: "envelope", number: gateway.nextNumber(), ...body })),
  );
  const envelopeBytes = bodies.reduce((sum, { body }) => sum + body.length, 0) / count;
  return { frames, envelopeBytes, checked };
}
