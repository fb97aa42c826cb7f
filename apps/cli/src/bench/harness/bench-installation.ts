import { chmod, mkdtemp, rm } from "node:fs/promises";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { startLocalPostgres } from "@siphms/local-postgres";
import type { LocalPostgres } from "@siphms/local-postgres";

import { CliError } from "../../cli-error.ts";
import { startChildProgram } from "../../installation/child-program.ts";
import type { RunningProgram } from "../../installation/child-program.ts";
import { introduce } from "../../installation/installation.ts";
import { layoutOf, makeFolders } from "../../installation/layout.ts";
import { createMachineClient } from "../../installation/key-login.ts";
import type { OperatorClient } from "../../installation/operator-client.ts";
import { HOSPITAL_NODE_FLAGS } from "../../installation/node-flags.ts";
import { findProgram } from "../../installation/program-path.ts";
import {
  gatewaySettings,
  gatewayUrl,
  hospitalSettings,
} from "../../installation/program-settings.ts";
import type { InstallationPlan } from "../../installation/program-settings.ts";
import { createBenchDatabase } from "./bench-database.ts";
import type { BenchDatabase } from "./bench-database.ts";
import type { BenchScope } from "./bench-scope.ts";

/** What a bench can have otherwise. */
export interface BenchInstallationOptions {
  /** Port of a stub that takes the gateway's place and listens already; without it the real gateway runs. */
  readonly stubGatewayPort?: number;
  /** Settings of the gateway beyond those of `siphms up`, by their names in its environment: limits raised for a bench. */
  readonly gateway?: Readonly<Record<string, string>>;
  /** Whether the hospital runs without its audit log, which only a bench can have. */
  readonly withoutAuditLog?: boolean;
  /** Settings of the hospital beyond those of `siphms up`. */
  readonly hospital?: Readonly<Record<string, string>>;
  /** Folder of the built console, where a bench needs it served. */
  readonly consoleFolder?: string;
}

/** A private installation of real programs, in a folder that is removed with it. */
export interface BenchInstallation {
  /** For `cpuSeconds`: each with its children. `gateway` is absent where a stub takes its place. */
  readonly pids: {
    readonly hospital: number;
    readonly postgres: number;
    readonly gateway?: number;
  };
  readonly ports: { readonly gateway: number; readonly console: number; readonly app: number };
  readonly gatewayUrl: string;
  readonly operatorSocket: string;
  readonly operator: OperatorClient;
  readonly database: BenchDatabase;
  /** The folder of everything. */
  readonly data: string;
  /** Where PostgreSQL's files lie in the end. */
  readonly databaseFolder: string;
}

/**
 * Starts PostgreSQL, gateway and hospital as `siphms up` does, but not supervised: a part that ends by itself fails the bench.
 *
 * PostgreSQL runs with `fsync` and `synchronous_commit` on, which is asked of the server. Everything is stopped, and its folder
 * removed, with the scope.
 *
 * @throws {CliError} when a program does not start, or the server does not sync.
 */
export async function startBenchInstallation(
  scope: BenchScope,
  options: BenchInstallationOptions = {},
): Promise<BenchInstallation> {
  const plan = await planOf(scope, options);
  scope.say("Starting database and programs ...");
  const { pg, run, secrets } = plan.layout;
  const postgres = await startLocalPostgres({ dataDir: pg, runDir: run, secretsDir: secrets });
  scope.hold({ stop: () => postgres.stop(), kill: () => process.kill(postgres.pid, "SIGQUIT") });
  const programs = await startPrograms(scope, { plan, postgres, options });
  const operator = createMachineClient(plan.layout.operatorSocket, "Bench");
  scope.hold({
    stop: () => {
      operator.close();
      return Promise.resolve();
    },
  });
  const database = await createBenchDatabase(scope, postgres.adminUrl);
  if (!(await database.isDurable())) {
    throw new CliError("PostgreSQL runs without fsync or synchronous_commit: nothing to measure.");
  }
  return {
    pids: { ...programs, postgres: postgres.pid },
    ports: plan.ports,
    gatewayUrl: gatewayUrl(plan.ports),
    operatorSocket: plan.layout.operatorSocket,
    operator,
    database,
    data: plan.layout.data,
    databaseFolder: postgres.dataDir,
  };
}

async function planOf(
  scope: BenchScope,
  { stubGatewayPort, consoleFolder }: BenchInstallationOptions,
): Promise<InstallationPlan> {
  const parent = await mkdtemp(path.join(tmpdir(), "siphms-bench-"));
  scope.hold({
    stop: () => rm(parent, { recursive: true, force: true }),
    kill: () => rmSync(parent, { recursive: true, force: true }),
  });
  // Started by root, the database runs as another user, who has to get past this folder.
  await chmod(parent, 0o711);
  const layout = layoutOf(path.join(parent, "data"));
  await makeFolders(layout);
  const [gateway, console, app] = await freePorts(3);
  return {
    layout,
    ports: { gateway: stubGatewayPort ?? gateway ?? 0, console: console ?? 0, app: app ?? 0 },
    demo: false,
    ...(consoleFolder === undefined ? {} : { consoleFolder }),
  };
}

interface Starting {
  readonly plan: InstallationPlan;
  readonly postgres: LocalPostgres;
  readonly options: BenchInstallationOptions;
}

async function startPrograms(
  scope: BenchScope,
  { plan, postgres, options }: Starting,
): Promise<{ readonly hospital: number; readonly gateway?: number }> {
  const hospital = {
    name: "hospital",
    main: await findProgram("hospital"),
    nodeFlags: HOSPITAL_NODE_FLAGS,
    environment: { ...hospitalSettings(plan, postgres), ...options.hospital },
  };
  const gateway = {
    name: "gateway",
    main: await findProgram("gateway"),
    nodeFlags: [],
    environment: { ...gatewaySettings(plan), ...options.gateway },
  };
  await introduce(plan.layout, { hospital, gateway });
  const main = options.withoutAuditLog === true ? "bench-main.js" : "main.js";
  const served = { ...hospital, main: await findProgram("hospital", main) };
  const start = async (program: typeof hospital): Promise<RunningProgram> => {
    const logFile = path.join(plan.layout.logs, `${program.name}.log`);
    const running = await startChildProgram({ ...program, parameters: [], logFile });
    scope.hold(running);
    return running;
  };
  const pids = options.stubGatewayPort === undefined ? { gateway: (await start(gateway)).pid } : {};
  return { ...pids, hospital: (await start(served)).pid };
}

/** Ports that nobody listens on at this moment, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const probes = await Promise.all(Array.from({ length: count }, listenAnywhere));
  return Promise.all(
    probes.map(async ({ port, close }) => {
      await close();
      return port;
    }),
  );
}

function listenAnywhere(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : 0,
        close: () => new Promise((closed) => server.close(() => closed())),
      });
    });
  });
}
