import type { Command } from "commander";

import { OLD_KEY_DAYS } from "@siphms/api";
import type { KeyStatus } from "@siphms/api";

import { wrongUse } from "../cli-error.ts";
import { table, withProgress } from "../output.ts";
import { parseOldKeyDays } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface RotateOptions extends OperatorOptions {
  readonly identity?: true;
  readonly oldKeyDays: number;
}

/** Adds `siphms keys rotate | status`. */
export function addKeysCommands(program: Command, context: CommandContext): void {
  const keys = program
    .command("keys")
    .description("look after the hospital's own keys; in this version its identity key alone");
  operatorCommand(
    keys
      .command("rotate")
      .description(
        "make a new identity key while the hospital runs; every device hears of it in its next session.\n" +
          "The pass key, the key-encryption key and patients' keys cannot be rotated in this version.",
      ),
    "siphms keys rotate --identity",
  )
    .option("--identity", "the key that signs for the hospital and that devices pin")
    .option(
      "--old-key-days <days>",
      "how long the old key still answers: a device that is offline for longer needs a new invitation",
      parseOldKeyDays,
      OLD_KEY_DAYS.min,
    )
    .action((options: RotateOptions) => rotate(options, context));
  operatorCommand(
    keys
      .command("status")
      .description("show the identity keys, and how many devices do not know the current one yet"),
    "siphms keys status",
  ).action((options: OperatorOptions) => status(options, context));
}

async function rotate(options: RotateOptions, { output }: CommandContext): Promise<void> {
  if (options.identity !== true) {
    throw wrongUse("Say which key: --identity. No other can be rotated in this version.");
  }
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

async function status(options: OperatorOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.keyStatus());
  const keys = await withProgress(output, "Reading the keys", task);
  if (options.json) {
    output.print(JSON.stringify(keys));
    return;
  }
  output.print(table([["IDENTITY", "STATE", "MADE", "ANSWERS UNTIL"], ...rowsOf(keys)]));
  output.print(waitingLine(keys.waitingDevices));
}

function rowsOf({ identities }: KeyStatus): readonly (readonly string[])[] {
  return identities.map(({ kid, state, created, validUntil }) => [
    kid,
    state,
    new Date(created).toISOString(),
    validUntil === undefined ? "-" : new Date(validUntil).toISOString(),
  ]);
}

function waitingLine(devices: number): string {
  if (devices === 0) return "Every active device knows the current key.";
  return devices === 1
    ? "1 active device does not know it yet; it hears of it in its next session."
    : `${devices} active devices do not know it yet; each hears of it in its next session.`;
}
