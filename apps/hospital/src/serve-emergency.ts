import path from "node:path";
import {
  createLifecycle,
  errorFields,
  exitOnStrayErrors,
  ServerKitError,
  type Lifecycle,
  type Logger,
} from "@siphms/server-kit";
import { composeEmergency } from "./compose-emergency.ts";
import { ENTRIES_FOLDER } from "./emergency/index.ts";
import { openInstalled } from "./foundation.ts";
import { ProblemError } from "./http/index.ts";
import { listenOnPort } from "./listeners.ts";
import { createCertificateWatch } from "./served-certificate.ts";
import { readServedFiles } from "./served-files.ts";
import type { HospitalSettings } from "./settings.ts";
import { surroundingsOf } from "./surroundings.ts";

const GRACE_MS = 10_000;
/** How often ended sessions are forgotten, and what was only counted is written. */
const SWEEP_MS = 60_000;

/**
 * Runs emergency mode until it is told to stop: the records of a copy can be looked at, and nothing else.
 *
 * @param output.tell - Takes the one line of JSON that says that it listens.
 * @returns The exit code.
 */
export async function serveEmergency(
  settings: HospitalSettings,
  { log, tell }: { readonly log: Logger; readonly tell: (line: string) => void },
): Promise<number> {
  exitOnStrayErrors(log);
  const lifecycle = createLifecycle({ log, graceMs: GRACE_MS });
  const untilStopped = lifecycle.untilStopped();
  try {
    tell(JSON.stringify(await start(settings, { lifecycle, log })));
    log.info("ready", { port: settings.consolePort });
  } catch (error) {
    await lifecycle.stop("start-failed");
    throw error;
  }
  return untilStopped;
}

async function start(
  settings: HospitalSettings,
  { lifecycle, log }: { readonly lifecycle: Lifecycle; readonly log: Logger },
) {
  if (settings.demo) {
    throw new ServerKitError(
      "SETTING_INVALID",
      "SIPHMS_DEMO is set, and nobody in a demo has a passkey or a password to sign in with here. Leave it out.",
    );
  }
  const { consoleOrigin } = surroundingsOf(settings);
  const { dataFolder, trustedProxies, host } = settings;
  const files = await readServedFiles(settings);
  const installed = await openInstalled(settings, log, { readOnly: true });
  lifecycle.onStop({ name: "database", stop: () => installed.database.close() });
  const emergency = await composeEmergency({
    ...{ installed, dataFolder, consoleOrigin, files, trustedProxies, log },
  }).catch((cause: unknown) => {
    if (!(cause instanceof ProblemError)) throw cause;
    throw new ServerKitError(
      "SETTING_INVALID",
      `No file of entries can be begun in ${path.join(dataFolder, ENTRIES_FOLDER)}, and without one nothing may be shown. Look at SIPHMS_DATA, at the folder's permissions and at the room on its disk.`,
      { cause },
    );
  });
  lifecycle.onStop({ name: "entries", stop: () => emergency.stop() });
  const timer = setInterval(() => {
    emergency.desk.sweep().catch((error: unknown) => {
      log.warn("sessions were not swept", errorFields(error));
    });
  }, SWEEP_MS);
  lifecycle.onStop({
    name: "sweep",
    stop: () => {
      clearInterval(timer);
    },
  });
  createCertificateWatch({ settings, log, start: files.tls }).start([emergency.console], lifecycle);
  await listenOnPort(emergency.console, { host, port: settings.consolePort }, lifecycle);
  return {
    ready: true,
    emergency: true,
    hospital: installed.installation.hospitalId,
    console: consoleOrigin,
    pid: process.pid,
  };
}
