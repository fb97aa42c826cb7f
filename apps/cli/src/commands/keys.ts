import type { Command } from "commander";

import { OLD_KEY_DAYS } from "@siphms/api";
import type { KekStatus, KeyStatus, PublicKeys } from "@siphms/api";

import { wrongUse } from "../cli-error.ts";
import { table, withProgress } from "../output.ts";
import { parseOldKeyDays } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { exportKeys } from "./keys-export.ts";
import type { ExportOptions } from "./keys-export.ts";
import { finishKek, rotateKek } from "./keys-kek.ts";
import type { KekOptions } from "./keys-kek.ts";
import { operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface RotateOptions extends KekOptions {
  readonly identity?: true;
  readonly kek?: true;
  readonly log?: true;
  readonly finish?: true;
  readonly oldKeyDays: number;
}

/** Adds `siphms keys rotate | status | export`. */
export function addKeysCommands(program: Command, context: CommandContext): void {
  const keys = program.command("keys").description("look after the hospital's own keys");
  operatorCommand(
    keys
      .command("rotate")
      .description(
        "put another key in a key's place while the hospital runs.\n" +
          "--identity: every device hears of it in its next session.\n" +
          "--kek: nothing is sealed anew; one command does all where the key lies in a file and stays there.\n" +
          "--log: the audit log goes on under another key, which its witnesses have to be told.",
      ),
    "siphms keys rotate --identity\n" +
      "siphms keys rotate --kek\n" +
      'siphms keys rotate --kek --to "command:/usr/local/bin/unwrap-kek"\n' +
      "siphms keys rotate --kek --finish",
  )
    .option("--identity", "the key that signs for the hospital and that devices pin")
    .option(
      "--old-key-days <days>",
      "how long the old identity still answers: a device that is offline for longer needs a new invitation",
      parseOldKeyDays,
      OLD_KEY_DAYS.min,
    )
    .option("--kek", "the key-encryption key, which opens everything at the hospital's start")
    .option("--log", "the key that signs the audit log")
    .option(
      "--to <source>",
      "where the new key-encryption key comes from: file:PATH, passphrase:PATH or command:PROGRAM ARGUMENTS",
    )
    .option("--to-passphrase-file <file>", "file of mode 0600 with the passphrase of --to")
    .option(
      "--finish",
      "after a start with the new source: let the old key-encryption key open nothing any more",
    )
    .action((options: RotateOptions) => rotate(options, context));
  operatorCommand(
    keys
      .command("status")
      .description(
        "show the hospital's keys, how many devices do not know the current identity yet, and whether the next start will find its key",
      ),
    "siphms keys status",
  ).action((options: OperatorOptions) => status(options, context));
  operatorCommand(
    keys
      .command("export")
      .description(
        "print the hospital's public keys; or write a recovery file, which opens everything with its passphrase",
      ),
    "siphms keys export > public-keys.json\nsiphms keys export --recovery /mnt/safe/city-hospital.recovery",
  )
    .option("--recovery <file>", "write a recovery file there; keep it and its passphrase apart")
    .option("--passphrase-file <file>", "read the passphrase from here instead of asking for it")
    .action((options: ExportOptions) => exportKeys(options, context));
}

function rotate(options: RotateOptions, context: CommandContext): Promise<void> {
  const { identity, kek, log, to, toPassphraseFile, finish } = options;
  if ([identity, kek, log].filter((one) => one === true).length !== 1) {
    throw wrongUse("Say which key: --identity, --kek or --log, one at a time.");
  }
  if (kek !== true && [to, toPassphraseFile, finish].some((option) => option !== undefined)) {
    throw wrongUse("--to, --to-passphrase-file and --finish belong to --kek.");
  }
  if (identity === true) return rotateIdentity(options, context);
  if (log === true) return rotateLog(options, context);
  if (options.finish === true) {
    if (options.to === undefined) return finishKek(options, context);
    throw wrongUse("--finish takes what the hospital was started with; leave --to out.");
  }
  return rotateKek(options, context);
}

async function rotateIdentity(options: RotateOptions, { output }: CommandContext): Promise<void> {
  const { oldKeyDays } = options;
  const task = withOperator(options, (operator) =>
    operator.rotateKey({ key: "identity", oldKeyDays }),
  );
  const rotated = await withProgress(output, "Making the key", task);
  if (options.json) {
    output.print(JSON.stringify(rotated));
    return;
  }
  output.print(`The hospital's identity key is now ${rotated.kid}.`);
  output.print(
    `The old one, ${rotated.oldKid}, answers until ${new Date(rotated.oldValidUntil).toISOString()}.`,
  );
  output.print(waitingLine(rotated.waitingDevices));
}

async function rotateLog(options: RotateOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.rotateLog());
  const rotated = await withProgress(output, "Making the key", task);
  if (options.json) {
    output.print(JSON.stringify(rotated));
    return;
  }
  output.print(`The audit log goes on as ${rotated.origin}, signed by this key:`);
  output.print(`  ${rotated.key}`);
  output.print(
    "Tell each witness, or it signs no more: siphms hospital registration > FILE here, siphms gateway admit FILE there. " +
      "siphms up tells its own gateway at its next start.",
  );
}

async function status(options: OperatorOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, async (operator) => ({
    ...(await operator.keyStatus()),
    kek: await operator.kekStatus(),
    logs: (await operator.publicKeys()).logs,
  }));
  const keys = await withProgress(output, "Reading the keys", task);
  if (options.json) {
    output.print(JSON.stringify(keys));
    return;
  }
  output.print(table([["IDENTITY", "STATE", "MADE", "ANSWERS UNTIL"], ...rowsOf(keys)]));
  output.print(waitingLine(keys.waitingDevices));
  output.print("");
  output.print(table([["AUDIT LOG", "STATE", "MADE"], ...keys.logs.map(logRow)]));
  output.print("");
  output.print(table([["KEY-ENCRYPTION KEY", "MADE", "STATE"], ...kekRowsOf(keys.kek)]));
  for (const line of kekLines(keys.kek)) output.print(line);
}

function rowsOf({ identities }: KeyStatus): readonly (readonly string[])[] {
  return identities.map(({ kid, state, created, validUntil }) => [
    kid,
    state,
    new Date(created).toISOString(),
    validUntil === undefined ? "-" : new Date(validUntil).toISOString(),
  ]);
}

function logRow({ origin, state, created }: PublicKeys["logs"][number]): readonly string[] {
  return [origin, state, new Date(created).toISOString()];
}

function kekRowsOf({ keys, current }: KekStatus): readonly (readonly string[])[] {
  return keys.map(({ fingerprint, created }) => [
    fingerprint,
    new Date(created).toISOString(),
    fingerprint === current ? "in use" : "opens too",
  ]);
}

function kekLines({ source, opens, fault, keys, adopted }: KekStatus): readonly string[] {
  const start = opens
    ? `The next start finds its key: it comes from a ${source}.`
    : `The next start will fail: ${fault ?? `the key that comes from a ${source} does not open this database`}.`;
  const lines = [start];
  if (source === "recovery") {
    lines.push("It is a recovery file: make a key of its own with siphms keys rotate --kek --to.");
  } else if (keys.length > 1) {
    lines.push("A rotation is not over: siphms keys rotate --kek --finish ends it.");
  }
  if (adopted) {
    lines.push(
      "The installation key was a key-encryption key once: whoever has that old file and a copy of the database can read it, whatever is rotated.",
    );
  }
  return lines;
}

function waitingLine(devices: number): string {
  if (devices === 0) return "Every active device knows the current key.";
  return devices === 1
    ? "1 active device does not know it yet; it hears of it in its next session."
    : `${devices} active devices do not know it yet; each hears of it in its next session.`;
}
