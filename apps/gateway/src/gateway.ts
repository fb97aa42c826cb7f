import {
  createHealth,
  type Clock,
  type Health,
  type Logger,
  type Metrics,
} from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import { createApp } from "./app.ts";
import { createHandshakes } from "./domain/handshakes.ts";
import { createHousekeeping } from "./domain/housekeeping.ts";
import { MAX_CACHED_PASSES, MAX_MAILBOX_WAITS, MAX_RATE_ENTRIES } from "./domain/limits.ts";
import { createPasses } from "./domain/passes.ts";
import type { HospitalDirectory, QueueStore } from "./domain/ports.ts";
import { addressKey, createRates, type Rates } from "./domain/rates.ts";
import { refuse, type Refusal } from "./domain/refusal.ts";
import { createSettling, type EnvelopeNews } from "./domain/settling.ts";
import { createUplinks } from "./domain/uplinks.ts";
import { verifyUplinkToken } from "./domain/uplink-tokens.ts";
import { createWaits } from "./domain/waits.ts";
import { createGatewayMetrics } from "./metrics.ts";
import type { ServerLimits, TlsFiles } from "./routes/server.ts";

/** What a gateway works with. */
export interface GatewayPorts {
  readonly store: QueueStore;
  readonly directory: HospitalDirectory;
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

/** Puts a gateway together over its store and lets it listen. */
export async function startGateway(ports: GatewayPorts, options: GatewayOptions): Promise<Gateway> {
  const parts = createParts(ports, options);
  const { health, envelopeWaits, mailboxWaits, uplinks } = parts;
  const { metrics, onAnswered } = createGatewayMetrics(parts);
  const { app, inFlight } = await createApp(
    { ...parts, onAnswered },
    { ...options, limits: options.serverLimits },
  );
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
      uplinks.closeAll(GOING_AWAY);
      await inFlight.drained(DRAIN_MS);
      await app.close();
    },
  };
}

function createParts(ports: GatewayPorts, options: GatewayOptions) {
  const { store, directory, clock, log } = ports;
  // Known only after listening where the port is the system's choice.
  const address: { url: string | undefined } = { url: options.url };
  const audience = (): string => address.url ?? "";
  const rates = createRates(clock, MAX_RATE_ENTRIES);
  const admitAddress = createAddressLimit(rates, options.addressPerMinute);
  const envelopeWaits = createWaits<number, EnvelopeNews>(1);
  const mailboxWaits = createWaits<string, true>(MAX_MAILBOX_WAITS);
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
    clock,
    maxInFlight: options.maxHandshakes,
    maxInFlightPerHospital: Math.ceil(options.maxHandshakes / 2),
  });
  const passes = createPasses({
    directory,
    isClosed: (session) => settling.isClosed(session),
    admitVerification: admitAddress,
    clock,
    audience,
    maxCached: MAX_CACHED_PASSES,
  });
  return {
    ...ports,
    address,
    rates,
    admitAddress,
    envelopeWaits,
    mailboxWaits,
    settling,
    uplinks,
    handshakes,
    passes,
    health: createHealth([{ name: "store", works: () => store.works() }]),
    identify: (token: string) => verifyUplinkToken(token, { store, directory, clock, audience }),
    log,
  };
}

function createAddressLimit(
  rates: Rates,
  perMinute: number,
): (address: string) => Refusal | undefined {
  return (address) => {
    const busySeconds = rates.take(`address ${addressKey(address)}`, perMinute);
    return busySeconds > 0 ? refuse("slow-down", busySeconds) : undefined;
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
