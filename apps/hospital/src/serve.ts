import { availableParallelism } from "node:os";
import type { MergeReport } from "@siphms/api";
import {
  createLifecycle,
  errorFields,
  EXIT,
  exitOnStrayErrors,
  type Lifecycle,
  type Logger,
} from "@siphms/server-kit";
import { composeHospital, mergeEntries } from "./compose.ts";
import { openInstalled } from "./foundation.ts";
import { listenForOperator, listenOnPort, operatorSocket } from "./listeners.ts";
import type { HospitalSettings } from "./settings.ts";
import { surroundingsOf } from "./surroundings.ts";
import type { StaffDesk } from "./staff/index.ts";

const GRACE_MS = 10_000;
/** How often ended sessions and links of staff are taken away. */
const SWEEP_MS = 10 * 60_000;

interface Context {
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
}

/**
 * Runs the hospital until it is told to stop.
 *
 * @param output.withoutLog - Only to measure what the audit log costs.
 * @param output.tell - Takes the one line of JSON that says that it listens.
 * @returns The exit code.
 */
export async function serve(
  settings: HospitalSettings,
  {
    log,
    tell,
    withoutLog = false,
  }: {
    readonly log: Logger;
    readonly tell: (line: string) => void;
    readonly withoutLog?: boolean;
  },
): Promise<number> {
  exitOnStrayErrors(log);
  warnOfFewThreads(settings, log);
  const lifecycle = createLifecycle({ log, graceMs: GRACE_MS });
  const untilStopped = lifecycle.untilStopped();
  try {
    tell(JSON.stringify(await start(settings, { lifecycle, log, withoutLog })));
    log.info("ready", { port: settings.consolePort });
  } catch (error) {
    await lifecycle.stop("start-failed");
    throw error;
  }
  return untilStopped;
}

/** Opens from the inside out; the lifecycle closes in the opposite order, so that nothing loses what it stands on. */
async function start(
  settings: HospitalSettings,
  { lifecycle, log, withoutLog }: Context & { readonly withoutLog: boolean },
) {
  const surroundings = surroundingsOf(settings);
  const installed = await openInstalled(settings, log, {
    withoutLog,
    onServerChanged: () => {
      endForAnotherServer(log);
    },
  });
  lifecycle.onStop({ name: "database", stop: () => installed.database.close() });
  const hospital = await composeHospital({
    ...{ installed, settings, surroundings, log, lifecycle, withoutLog },
  });
  await mergeAtStart(() => mergeEntries("hospital", { installed, settings }), log);
  startSweepOfEndedAccess(hospital.desk, { lifecycle, log });
  await sayWhereNobodyCanEnter(hospital.desk, log);
  const { host } = settings;
  await listenOnPort(hospital.console, { host, port: settings.consolePort }, lifecycle);
  await listenOnPort(hospital.app, { host, port: settings.appPort }, lifecycle);
  await listenForOperator(hospital.operator, surroundings, lifecycle);
  // Streams never end by themselves, so they are ended before their server waits for them.
  lifecycle.onStop({ name: "live", stop: () => hospital.hub.close() });
  lifecycle.onStop({ name: "health", stop: () => hospital.health.startStopping() });
  return {
    ready: true,
    hospital: installed.installation.hospitalId,
    console: surroundings.consoleOrigin,
    app: surroundings.appOrigin,
    operator: operatorSocket(surroundings),
    pid: process.pid,
  };
}

/**
 * At once: what this program knows is true of another server. The next start looks which one it is, and closes the sessions of
 * the one before.
 */
function endForAnotherServer(log: Logger): void {
  log.error("the database is served by another server: this program ends, to be started again");
  process.exit(EXIT.failed);
}

/** What emergency mode noted while this hospital was away comes into its log before anybody works with it again. */
async function mergeAtStart(merge: () => Promise<MergeReport>, log: Logger): Promise<void> {
  try {
    for (const file of (await merge()).files) {
      if (file.kind === "merged") {
        log.info("entries of emergency mode are in the log", { count: file.added });
      } else {
        log.warn("entries of emergency mode are refused from some place of their file on", {
          count: file.added,
          bytes: file.refusedBytes,
        });
      }
    }
  } catch (error) {
    // The files stay where they are: that they cannot be taken now must not keep a hospital from starting.
    log.warn("entries of emergency mode could not be taken into the log", errorFields(error));
  }
}

/** There is no account but those that are made on this machine (SR-14), so a new installation has none. */
async function sayWhereNobodyCanEnter(desk: StaffDesk, log: Logger): Promise<void> {
  // It is only said: where it cannot be told, that must not keep a hospital from starting.
  const staff = await desk.list().catch(() => undefined);
  if (staff?.every(({ role }) => role === "integration") !== true) return;
  log.info(
    "nobody has an account yet; for the first administrator's link run: siphms staff add NAME --role administrator",
  );
}

/** Takes ended sessions and links of staff away every few minutes, until the program stops. */
function startSweepOfEndedAccess(desk: StaffDesk, { lifecycle, log }: Context): void {
  const sweep = (): Promise<void> =>
    desk.sweep().catch((error: unknown) => {
      log.warn("sessions were not swept", errorFields(error));
    });
  const timer = setInterval(() => void sweep(), SWEEP_MS);
  lifecycle.onStop({
    name: "sweep",
    stop: () => {
      clearInterval(timer);
      // What was only counted since the last one is written: the next start knows nothing of it.
      return sweep();
    },
  });
}

/** Signatures are verified in the thread pool, whose size is fixed before the first line of this program runs. */
function warnOfFewThreads({ poolThreads }: HospitalSettings, log: Logger): void {
  const processors = availableParallelism();
  if (poolThreads >= processors) return;
  log.warn(
    "UV_THREADPOOL_SIZE is below the number of processors: ingest is slower than it could be",
    {
      count: poolThreads,
      total: processors,
    },
  );
}
