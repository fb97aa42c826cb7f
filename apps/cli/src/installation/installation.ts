import { access, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import type { Clock } from "@siphms/device";
import { startLocalPostgres } from "@siphms/local-postgres";
import type { LocalPostgres } from "@siphms/local-postgres";

import { CliError } from "../cli-error.ts";
import { startChildProgram } from "./child-program.ts";
import type { Layout } from "./layout.ts";
import { HOSPITAL_NODE_FLAGS } from "./node-flags.ts";
import { findProgram } from "./program-path.ts";
import { gatewaySettings, hospitalSettings } from "./program-settings.ts";
import type { InstallationPlan } from "./program-settings.ts";
import { runOnce } from "./run-once.ts";
import { supervise } from "./supervise.ts";
import type { Running, Supervised } from "./supervise.ts";

const WITNESSES = "SIPHMS_HOSPITAL_WITNESSES";
const NO_WITNESS = "`gateway witness` named no key. Install all parts of one release.";

/** What {@link startInstallation} needs. */
export interface StartOptions {
  readonly plan: InstallationPlan;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** Aborts between two steps; what runs by then is in `parts`. */
  readonly signal: AbortSignal;
  /** Takes each part as soon as it runs, in the order of the starts. */
  readonly parts: Supervised[];
}

/** Starts database, gateway and hospital, in this order, and sees to it that they stay up. */
export async function startInstallation(options: StartOptions): Promise<void> {
  const { plan, say, clock, signal, parts } = options;
  const hospitalMain = await findProgram("hospital");
  const gatewayMain = await findProgram("gateway");
  const hold = async (name: string, start: () => Promise<Running>): Promise<void> => {
    signal.throwIfAborted();
    parts.push(await supervise({ name, start, say, clock }));
  };

  const database = await startDatabase(options);
  const hospital = hospitalSettings(plan, database);
  const gateway = gatewaySettings(plan);
  signal.throwIfAborted();
  const witnessed = await introduce(plan.layout, {
    hospital: { name: "hospital", main: hospitalMain, environment: hospital },
    gateway: { name: "gateway", main: gatewayMain, environment: gateway },
  });
  await hold("gateway", () =>
    startChildProgram({
      ...{ name: "gateway", main: gatewayMain, parameters: [], environment: gateway },
      logFile: path.join(plan.layout.logs, "gateway.log"),
    }),
  );
  await hold("hospital", () =>
    startChildProgram({
      ...{ name: "hospital", main: hospitalMain, parameters: [] },
      environment: { ...hospital, ...witnessed },
      nodeFlags: HOSPITAL_NODE_FLAGS,
      logFile: path.join(plan.layout.logs, "hospital.log"),
    }),
  );
}

/** The addresses stay the same over restarts: they follow from the folder and the stored passwords. */
async function startDatabase(options: StartOptions): Promise<LocalPostgres> {
  const { plan, say, clock, parts } = options;
  const { pg, run, secrets } = plan.layout;
  const start = (): Promise<LocalPostgres> =>
    startLocalPostgres({ dataDir: pg, runDir: run, secretsDir: secrets, log: say });
  const first = await start();
  if (first.adopted) say("Took over the database of an earlier start that was killed.");
  let next: LocalPostgres | undefined = first;
  const again = async (): Promise<Running> => {
    const server = next ?? (await start());
    next = undefined;
    return asRunning(server);
  };
  parts.push(await supervise({ name: "database", start: again, say, clock }));
  return first;
}

function asRunning(server: LocalPostgres): Running {
  return {
    ended: server.ended.then(() => "it stopped"),
    stop: () => server.stop(),
    // A database is never killed: fast shutdown keeps every committed reading and takes a fraction of a second.
    kill: () => {
      try {
        process.kill(server.pid, "SIGINT");
      } catch {
        // It has ended already.
      }
    },
  };
}

/** The two programs and their settings. */
export interface Programs {
  readonly hospital: Omit<Parameters<typeof runOnce>[0], "parameters">;
  readonly gateway: Omit<Parameters<typeof runOnce>[0], "parameters">;
}

/**
 * Sets the hospital up at the first start, and admits it at the gateway: both may be repeated.
 *
 * @returns The hospital's setting that makes the gateway a witness of its audit log, beside those that it has already.
 */
export async function introduce(
  layout: Layout,
  { hospital, gateway }: Programs,
): Promise<Readonly<Record<string, string>>> {
  await runOnce({ ...hospital, parameters: ["init"] });
  const registration = await runOnce({ ...hospital, parameters: ["registration"] });
  const file = path.join(layout.run, "registration.json");
  await writeFile(file, registration, { mode: 0o600 });
  await runOnce({ ...gateway, parameters: ["admit", file] });
  const own = readWitness(await runOnce({ ...gateway, parameters: ["witness"] }));
  const others = (hospital.environment[WITNESSES] ?? "").split(",").map((pair) => pair.trim());
  return { [WITNESSES]: [...new Set([own, ...others.filter((pair) => pair !== "")])].join(",") };
}

/** What `gateway witness` says first, as the hospital's setting takes it. */
function readWitness(printed: string): string {
  const witness: unknown = JSON.parse(printed.split("\n")[0] ?? "");
  if (typeof witness !== "object" || witness === null) throw new CliError(NO_WITNESS);
  const { url, key } = Object.fromEntries(Object.entries(witness));
  if (typeof url !== "string" || typeof key !== "string") throw new CliError(NO_WITNESS);
  return `${url} ${key}`;
}

/** Finds a built web application, which the hospital serves; undefined where it is not built. */
export async function findWebApp(name: "console" | "patient"): Promise<string | undefined> {
  const folder = fileURLToPath(new URL(`../../../${name}/dist`, import.meta.url));
  return access(path.join(folder, "index.html")).then(
    () => folder,
    () => undefined,
  );
}
