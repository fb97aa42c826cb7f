import { readFile } from "node:fs/promises";

import type { AuditReading } from "@siphms/api";
import { AuditError, LOG_PATHS, type LogSource, type Trust } from "@siphms/audit";
import { createWebEd25519, parseNote, parsePolicy, TlogError, type SignedNote } from "@siphms/tlog";

import { CliError } from "../cli-error.ts";
import { withOperator, type OperatorOptions } from "../commands/with-operator.ts";
import type { OperatorClient } from "../installation/operator-client.ts";
import type { Output } from "../output.ts";
import { createFolderSource } from "./folder-log.ts";

/** Which log, and whose signatures count. */
export interface LogOptions extends OperatorOptions {
  /** A folder with an export; without it the running hospital is asked. */
  readonly from?: string;
  readonly policy?: string;
}

/** The same, and why entries are read, which a running hospital puts on record; without it none are. */
export interface Opening extends LogOptions {
  readonly why?: AuditReading;
}

/** A log that is open for reading. */
export interface OpenedLog {
  readonly source: LogSource;
  readonly trust: Trust;
  /** The hospital that was asked; `undefined` for an export. */
  readonly operator: OperatorClient | undefined;
}

/** Opens the log that the options name for one task, and puts refusals of what is read into words for people. */
export async function withLog<T>(
  options: Opening,
  output: Output,
  task: (log: OpenedLog) => Promise<T>,
): Promise<T> {
  const open = async (source: LogSource, operator?: OperatorClient): Promise<T> => {
    const trust = await readTrust(source, options, output);
    return task({ source, trust, operator });
  };
  return explained(() =>
    options.from === undefined
      ? withOperator(options, async (operator) => open(await sourceOf(operator, options), operator))
      : open(createFolderSource(options.from)),
  );
}

function sourceOf(operator: OperatorClient, { why }: Opening): LogSource | Promise<LogSource> {
  return why === undefined ? operator.auditLog : operator.readAuditLog(why);
}

/** Runs a task; what packages refuse becomes a message that says where to look. @throws {CliError} */
export async function explained<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof TlogError) && !(error instanceof AuditError)) throw error;
    throw new CliError(`${error.message} ${adviceFor(error.code)}`, { cause: error });
  }
}

/** Reads the policy file that pins whom to believe. @throws {CliError} when it cannot be read. */
export async function readPolicyFile(file: string): Promise<Trust> {
  return { policy: parsePolicy(await readFileOf(file)), ed25519: createWebEd25519() };
}

/** Reads a checkpoint that somebody kept. @throws {CliError} when it cannot be read. */
export async function readNoteFile(file: string): Promise<SignedNote> {
  return parseNote(await readFileOf(file));
}

/** Reads a whole file. @throws {CliError} when it cannot be read. */
export async function readFileOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CliError(`${file} cannot be read. Give the path of a file that is there.`, { cause });
  }
}

async function readTrust(
  source: LogSource,
  { policy: file, from }: LogOptions,
  output: Output,
): Promise<Trust> {
  if (file !== undefined) return readPolicyFile(file);
  const bytes = await source.read(LOG_PATHS.policy);
  if (bytes === undefined) {
    throw new CliError(
      from === undefined
        ? "The hospital names no keys of its log. Give a policy with --policy."
        : `${from} holds no exported log with a policy. Name the folder of an export, or give a policy with --policy.`,
    );
  }
  output.note(
    `Believing the keys that the ${from === undefined ? "hospital" : "export"} itself names. Whoever audits keeps them apart and gives them with --policy.`,
  );
  return { policy: parsePolicy(bytes), ed25519: createWebEd25519() };
}

function adviceFor(code: string): string {
  if (code === "QUORUM_MISSED") {
    return "A new entry is cosigned within seconds: try again, and look at the alarms if it stays so.";
  }
  return `(${code}; docs/errors.md says what to do.)`;
}
