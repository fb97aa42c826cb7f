import { access } from "node:fs/promises";

import { startLocalPostgres } from "@siphms/local-postgres";
import type { LocalPostgres } from "@siphms/local-postgres";

import { CliError } from "../cli-error.ts";
import { lockFolder } from "../device-state/folder-lock.ts";
import type { FolderLock } from "../device-state/folder-lock.ts";
import { makeFolders } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { createOperatorClient } from "./operator-client.ts";
import { findProgram } from "./program-path.ts";
import { tellingSettings } from "./program-settings.ts";
import { runOnce } from "./run-once.ts";
import { watchSignals } from "./signals.ts";

/** One call of the hospital's program, on this machine's own database or on one that the environment names. */
export interface HospitalTask {
  readonly layout: Layout;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Command and words of the hospital's program. */
  readonly parameters: readonly string[];
  /** Takes what a person should see meanwhile. */
  readonly say: (line: string) => void;
  /** Makes the folder where it is not there, and takes it only while nothing runs on it: for a restore. */
  readonly alone?: true;
  /** What the program gets besides, once the database of this machine runs; `close` comes after it has ended. */
  readonly prepare?: (database: LocalPostgres) => Promise<{
    readonly settings: Readonly<Record<string, string>>;
    readonly close: () => Promise<void>;
  }>;
}

/**
 * Runs a task of the hospital and hands back the line that it printed.
 *
 * With `DATABASE_URL`, or a settings file, the settings are the environment's. Else the folder's database is used: of a running `siphms up`, or
 * started for this task alone.
 *
 * @throws {CliError} with the program's own words.
 */
export async function runHospitalTask(task: HospitalTask): Promise<string> {
  const { layout, environment, alone } = task;
  const main = await findProgram("hospital");
  const call = (more: Readonly<Record<string, string>>): Promise<string> =>
    runOnce({ name: "hospital", main, parameters: task.parameters, environment: more });
  const given = { SIPHMS_DATA: layout.data, ...defined(environment) };
  if (namesDatabase(environment)) return call(given);
  if (alone === true) await makeFolders(layout);
  else await requireInstallation(layout);
  return withDatabase(task, async (database) => {
    const prepared = await task.prepare?.(database);
    try {
      return await call({
        ...tellingSettings(environment),
        DATABASE_URL: database.url,
        DATABASE_ADMIN_URL: database.adminUrl,
        SIPHMS_DATA: layout.data,
        ...prepared?.settings,
      });
    } finally {
      await prepared?.close();
    }
  });
}

/** Whether the environment, or the settings file that it names, says which database is meant. */
export function namesDatabase(environment: Readonly<Record<string, string | undefined>>): boolean {
  const names = ["DATABASE_URL", "SIPHMS_HOSPITAL_SETTINGS"];
  return names.some((name) => (environment[name] ?? "") !== "");
}

function defined(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}

async function requireInstallation({ data, pg }: Layout): Promise<void> {
  await access(pg).catch((cause: unknown) => {
    throw new CliError(
      `There is no installation in ${data}. Name its folder with --data, or its database with DATABASE_URL.`,
      { cause },
    );
  });
}

async function withDatabase<T>(
  task: HospitalTask,
  work: (database: LocalPostgres) => Promise<T>,
): Promise<T> {
  const { pg: dataDir, run: runDir, secrets: secretsDir } = task.layout;
  const lock = await lockOrJoin(task);
  // Asked to stop, the program of the task ends; what was started for it ends behind it all the same.
  const signals = watchSignals(() => undefined);
  try {
    const database = await startLocalPostgres({ dataDir, runDir, secretsDir, log: task.say });
    try {
      return await work(database);
    } finally {
      if (lock !== undefined) await database.stop();
    }
  } finally {
    signals.close();
    await lock?.release();
  }
}

/** Takes the folder; `undefined` where `siphms up` runs on it, whose database then is sure to run. */
async function lockOrJoin({ layout, alone }: HospitalTask): Promise<FolderLock | undefined> {
  try {
    return await lockFolder(layout.run, "The installation");
  } catch (error) {
    if (alone === true || !(error instanceof CliError)) throw error;
    const operator = createOperatorClient(layout.operatorSocket);
    try {
      await operator.registration();
    } catch (cause) {
      throw new CliError(
        `The installation in ${layout.data} is starting or stopping. Try again when it runs, or has stopped.`,
        { cause },
      );
    } finally {
      operator.close();
    }
    return undefined;
  }
}
