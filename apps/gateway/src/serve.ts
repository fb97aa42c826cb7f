import {
  createLifecycle,
  createLogger,
  exitOnStrayErrors,
  serveOperations,
  ServerKitError,
  systemClock,
  type Lifecycle,
  type Logger,
} from "@siphms/server-kit";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { openDataFolder } from "./data-folder.ts";
import { startGateway, type Gateway } from "./gateway.ts";
import { readLimits, roomForConnections } from "./open-files.ts";
import { SERVER_LIMITS, type TlsFiles } from "./routes/server.ts";
import type { GatewaySettings } from "./settings.ts";
import { openWitnessKey } from "./storage/witness-key.ts";

const GRACE_MS = 10_000;
const OTHERS = 0o077;

/**
 * Runs the gateway until it is told to stop.
 *
 * @param tell - Takes the one line of JSON that says that it is ready.
 * @returns The exit code.
 */
export async function serve(
  settings: GatewaySettings,
  tell: (line: string) => void,
): Promise<number> {
  const log = createLogger({ program: "gateway", level: settings.logLevel });
  exitOnStrayErrors(log);
  const lifecycle = createLifecycle({ log, graceMs: GRACE_MS });
  const untilStopped = lifecycle.untilStopped();
  try {
    const gateway = await start(settings, lifecycle, log);
    tell(JSON.stringify({ ready: true, url: gateway.url, port: gateway.port, pid: process.pid }));
    log.info("ready", { port: gateway.port });
  } catch (error) {
    await lifecycle.stop("start-failed");
    throw explained(error, settings);
  }
  return untilStopped;
}

async function start(
  settings: GatewaySettings,
  lifecycle: Lifecycle,
  log: Logger,
): Promise<Gateway> {
  const tls = readTlsFiles(settings);
  const data = await openDataFolder(settings.dataFolder, settings, settings.reserveBytes);
  lifecycle.onStop({ name: "data", stop: () => data.close() });
  const maxConnections = roomForConnections(settings.maxConnections, readLimits());
  if (maxConnections < settings.maxConnections) {
    log.warn("fewer connections than are set, for the limit of open files", {
      count: maxConnections,
      total: settings.maxConnections,
    });
  }
  const signer = openWitnessKey(settings.dataFolder, settings.witness.name);
  const gateway = await startGateway(
    { ...data, signer, clock: systemClock, log },
    {
      ...settings,
      ...(tls !== undefined && { tls }),
      serverLimits: { ...SERVER_LIMITS, maxConnections },
    },
  );
  lifecycle.onStop({ name: "gateway", stop: () => gateway.stop() });
  const operations = await serveOperations({
    socketPath: join(settings.runFolder, "gateway.sock"),
    metrics: gateway.metrics,
    health: gateway.health,
    log,
  });
  lifecycle.onStop({ name: "operations", stop: () => operations.close() });
  return gateway;
}

function readTlsFiles({ tlsCert, tlsKey }: GatewaySettings): TlsFiles | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const files = { cert: readPem(tlsCert, "TLS_CERT"), key: readPem(tlsKey, "TLS_KEY") };
  if ((statSync(tlsKey).mode & OTHERS) === 0) return files;
  throw new ServerKitError(
    "SETTING_INVALID",
    `Other users can read ${tlsKey}, the key of the certificate. Run: chmod 600 ${tlsKey}`,
  );
}

function readPem(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ServerKitError(
      "SETTING_INVALID",
      `SIPHMS_GATEWAY_${name}: ${path} cannot be read. Check the path and its permissions.`,
      { cause },
    );
  }
}

// The usual mishaps of a start, in words that say what to do.
function explained(error: unknown, { host, port }: GatewaySettings): unknown {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  const place = `${host}:${String(port)}`;
  if (code === "EADDRINUSE") {
    return new ServerKitError(
      "SETTING_INVALID",
      `Another program already listens on ${place}. Stop it, or set SIPHMS_GATEWAY_PORT.`,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "EACCES" || code === "ENOTFOUND") {
    return new ServerKitError(
      "SETTING_INVALID",
      `Cannot listen on ${place}. Check SIPHMS_GATEWAY_HOST, SIPHMS_GATEWAY_PORT and who owns the data folder.`,
    );
  }
  return error;
}
