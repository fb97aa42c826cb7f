import { Command, CommanderError } from "commander";

import { ApiError } from "@siphms/api";
import { DeviceError } from "@siphms/device";
import { LocalPostgresError } from "@siphms/local-postgres";
import { ServerKitError } from "@siphms/server-kit";

import { CliError, EXIT } from "./cli-error.ts";
import { addAuditCommands } from "./commands/audit.ts";
import { addBackupCommand } from "./commands/backup.ts";
import { addBenchCommands } from "./commands/bench.ts";
import { addCareCommands } from "./commands/care.ts";
import { addCheckCommand } from "./commands/check.ts";
import { addConfigCommand } from "./commands/config.ts";
import type { CommandContext } from "./commands/context.ts";
import { addDeviceCommands } from "./commands/device.ts";
import { addEmergencyCommand } from "./commands/emergency.ts";
import { addDrillCommand } from "./commands/drill.ts";
import { addEnrolmentCommands } from "./commands/enrolment.ts";
import { addGatewayCommands } from "./commands/gateway.ts";
import { addHospitalCommands } from "./commands/hospital.ts";
import { addInviteCommand } from "./commands/invite.ts";
import { addKeysCommands } from "./commands/keys.ts";
import { addLoginCommands } from "./commands/login.ts";
import { addNoticeCommand } from "./commands/notice.ts";
import { addPatientCommands } from "./commands/patient.ts";
import { addReadingsCommand } from "./commands/readings.ts";
import { addRestoreCommand } from "./commands/restore.ts";
import { addStaffCommands } from "./commands/staff.ts";
import { addUpCommand } from "./commands/up.ts";
import { exampleText } from "./commands/with-operator.ts";

/** Version of the project, as `siphms --version` prints it. */
const VERSION = "0.1.0";

/**
 * Runs one command.
 *
 * @param words - The command line behind the program's name.
 * @returns The exit code: 0 done, 1 failed, 2 wrong use.
 */
export async function runCommand(
  words: readonly string[],
  context: CommandContext,
): Promise<0 | 1 | 2> {
  try {
    await createProgram(context).parseAsync(shieldKid(words), { from: "user" });
    return EXIT.done;
  } catch (error) {
    return exitCodeOf(error, context);
  }
}

/** One kid in 64 begins with a hyphen, and a lost phone must not stay enrolled because its kid looks like an option. */
function shieldKid(words: readonly string[]): string[] {
  const [command, subcommand, ...rest] = words;
  if (command !== "device" || subcommand !== "revoke") return [...words];
  const isKid = (word: string): boolean => /^-[A-Za-z0-9_-]{10}$/.test(word);
  const kids = rest.filter(isKid);
  if (kids.length === 0) return [...words];
  return [command, subcommand, ...rest.filter((word) => !isKid(word)), "--", ...kids];
}

function createProgram(context: CommandContext): Command {
  const { output } = context;
  const program = new Command("siphms")
    .description(
      "SIPHMS: secure remote patient monitoring. Not a medical device, not for emergencies.",
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.print(text.trimEnd()),
      writeErr: (text) => output.note(text.trimEnd()),
    })
    .showHelpAfterError("(add --help for more)")
    .enablePositionalOptions()
    .addHelpText("after", exampleText("siphms up --demo"));
  addUpCommand(program, context);
  addHospitalCommands(program, context);
  addEmergencyCommand(program, context);
  addGatewayCommands(program, context);
  addStaffCommands(program, context);
  addLoginCommands(program, context);
  addPatientCommands(program, context);
  addCareCommands(program, context);
  addInviteCommand(program, context);
  addEnrolmentCommands(program, context);
  addDeviceCommands(program, context);
  addReadingsCommand(program, context);
  addNoticeCommand(program, context);
  addKeysCommands(program, context);
  addAuditCommands(program, context);
  addCheckCommand(program, context);
  addBackupCommand(program, context);
  addRestoreCommand(program, context);
  addDrillCommand(program, context);
  addConfigCommand(program, context);
  addBenchCommands(program, context);
  return program;
}

function exitCodeOf(error: unknown, { output }: CommandContext): 0 | 1 | 2 {
  if (error instanceof CommanderError) {
    // It has said by itself what is wrong; asking for help is nothing wrong.
    return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
  }
  if (error instanceof CliError) {
    if (error.message !== "") output.note(`siphms: ${error.message}`);
    return error.exitCode;
  }
  if (isExplained(error)) {
    output.note(`siphms: ${error.message}`);
    return EXIT.failed;
  }
  // Ours to mend: name the place, and no more, because a message may quote data.
  const name = error instanceof Error ? error.name : "unknown";
  const place = error instanceof Error ? (error.stack ?? "").split("\n")[1]?.trim() : undefined;
  output.note(
    `siphms: stopped by an unexpected error (${[name, place].filter(Boolean).join(" ")}).`,
  );
  return EXIT.failed;
}

/** Errors whose messages say what happened and hold no data: those of our packages, and the system's about files and sockets. */
function isExplained(error: unknown): error is Error {
  return (
    error instanceof ApiError ||
    error instanceof DeviceError ||
    error instanceof LocalPostgresError ||
    error instanceof ServerKitError ||
    (error instanceof Error && "syscall" in error)
  );
}
