import {
  createHealth,
  createMetrics,
  type Clock,
  type Health,
  type Logger,
  type Metrics,
} from "@siphms/server-kit";
import type { NoteSigner } from "@siphms/tlog";
import type { FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import { createApp } from "./app.ts";
import { createAddressLimit } from "./domain/address-limit.ts";
import { createFairShare } from "./domain/fair-share.ts";
import { createHandshakes } from "./domain/handshakes.ts";
import { createHousekeeping } from "./domain/housekeeping.ts";
import {
  MAX_CACHED_PASSES,
  MAX_RATE_ENTRIES,
  REFUSAL_PACE,
  WAIT_SLOT_MS,
} from "./domain/limits.ts";
import { createPasses } from "./domain/passes.ts";
import type { HospitalDirectory, QueueStore } from "./domain/ports.ts";
import { createRates } from "./domain/rates.ts";
import { createRefusalPace } from "./domain/refusal-pace.ts";
import type { RefusalReason } from "./domain/refusal.ts";
import { createSettling, type EnvelopeNews } from "./domain/settling.ts";
import { createUplinks } from "./domain/uplinks.ts";
import { verifyUplinkToken } from "./domain/uplink-tokens.ts";
import { createVouchers } from "./domain/vouchers.ts";
import { createWitness, type WitnessMemory } from "./domain/witness.ts";
import { createWaits, type WaitPorts } from "./domain/waits.ts";
import { addGatewayMetrics, createRefusalCount } from "./metrics.ts";
import type { ServerLimits, TlsFiles } from "./routes/server.ts";

/** What a gateway works with. */
export interface GatewayPorts {
  readonly store: QueueStore;
  readonly directory: HospitalDirectory;
  readonly memory: WitnessMemory;
  /** Cosigns what the witness accepts. */
  readonly signer: NoteSigner;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How a gateway is reached and how much it takes. */
export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  /** The gateway-url; left out, it is the address on which the gateway listens. */
  readonly url?: string | undefined;
  readonly secure: boolean;
  readonly tls?: TlsFiles;
  readonly proxies: readonly string[];
  readonly serverLimits: ServerLimits;
  readonly addressPerMinute: number;
  readonly maxHandshakes: number;
  readonly maxUnanswered: number;
}

/** A gateway that listens. */
export interface Gateway {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly port: number;
  readonly health: Health;
  readonly metrics: Metrics;
  /** Answers who waits, closes the uplinks and stops listening; the store stays open. */
  stop(): Promise<void>;
}

const TICK_MS = 1000;
const DRAIN_MS = 3000;
const GOING_AWAY = 1001;
// A connection can carry several requests at once; on average it does not.
const WAITS_PER_CONNECTION = 2;

/** Puts a gateway together over its store and lets it listen. */
export async function startGateway(ports: GatewayPorts, options: GatewayOptions): Promise<Gateway> {
  const metrics = createMetrics();
  const onRefused = createRefusalCount(metrics);
  const parts = createParts(ports, options, onRefused);
  const { health, envelopeWaits, mailboxWaits, handshakes, passes, refusalPace, uplinks } = parts;
  const onAnswered = addGatewayMetrics(metrics, parts);
  const { app, inFlight, connections } = await createApp(
    { ...parts, onAnswered, onRefused },
    { ...options, limits: options.serverLimits },
  );
  metrics.gauge("siphms_gateway_connections", "Connections that are open.", connections);
  await app.listen({ host: options.host, port: options.port });
  const port = portOf(app.server.address());
  parts.address.url ??= `http://${options.host}:${String(port)}`;
  const housekeeping = createHousekeeping(parts);
  const timer = setInterval(() => void housekeeping.tick(), TICK_MS);
  return {
    app,
    url: parts.address.url,
    port,
    health,
    metrics,
    async stop() {
      health.startStopping();
      clearInterval(timer);
      envelopeWaits.endAll();
      mailboxWaits.endAll();
      handshakes.stop();
      passes.stop();
      refusalPace.stop();
      uplinks.closeAll(GOING_AWAY);
      await inFlight.drained(DRAIN_MS);
      await app.close();
    },
  };
}

function createParts(
  ports: GatewayPorts,
  options: GatewayOptions,
  onRefused: (reason: RefusalReason) => void,
) {
  const { store, directory, clock, log } = ports;
  const { misuseHeldMs } = options.serverLimits;
  // Known only after listening where the port is the system's choice.
  const address: { url: string | undefined } = { url: options.url };
  const audience = (): string => address.url ?? "";
  const rates = createRates(clock, MAX_RATE_ENTRIES);
  const addressLimit = createAddressLimit(rates, options.addressPerMinute);
  const refusalPace = createRefusalPace({ ...REFUSAL_PACE, misuseHeldMs });
  const vouchers = createVouchers(clock, MAX_RATE_ENTRIES);
  const waitPorts = createWaitPorts(options, onRefused);
  const envelopeWaits = createWaits<number, EnvelopeNews>(waitPorts);
  const mailboxWaits = createWaits<string, true>(waitPorts);
  const settling = createSettling({ ...ports, envelopeWaits, mailboxWaits });
  const uplinks = createUplinks({
    ...ports,
    schedule: setImmediate,
    onLeft: (hospital) => {
      handshakes.hospitalLeft(hospital);
    },
  });
  const handshakes = createHandshakes({
    send: (hospital, frame) => uplinks.send(hospital, frame),
    addressLimit,
    vouchers,
    clock,
    maxInFlight: options.maxHandshakes,
  });
  const passes = createPasses({
    directory,
    isClosed: (session) => settling.isClosed(session),
    addressLimit,
    vouchers,
    clock,
    audience,
    maxCached: MAX_CACHED_PASSES,
  });
  return {
    ...ports,
    address,
    maxUnanswered: options.maxUnanswered,
    rates,
    addressLimit,
    vouchers,
    refusalPace,
    envelopeWaits,
    mailboxWaits,
    settling,
    uplinks,
    handshakes,
    passes,
    witness: createWitness(ports),
    health: createHealth([{ name: "store", works: () => store.works() }]),
    identify: (token: string) => verifyUplinkToken(token, { store, directory, clock, audience }),
    log,
  };
}

function createWaitPorts(
  { serverLimits }: GatewayOptions,
  onRefused: (reason: RefusalReason) => void,
): WaitPorts {
  return {
    places: createFairShare(WAITS_PER_CONNECTION * serverLimits.maxConnections),
    onCrowded: () => {
      onRefused("wait-places");
    },
    slotMs: WAIT_SLOT_MS,
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
