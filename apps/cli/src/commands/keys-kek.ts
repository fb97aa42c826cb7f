import path from "node:path";

import type { RotatedKek } from "@siphms/api";

import { wrongUse } from "../cli-error.ts";
import { withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

/** Options of a rotation of the key-encryption key. */
export interface KekOptions extends OperatorOptions {
  readonly to?: string;
  readonly toPassphraseFile?: string;
}

const BY_PATH = /^(file|passphrase):(.+)$/;

/** Makes another key-encryption key: all of it where it stays in its place, else the first of three steps. */
export async function rotateKek(options: KekOptions, { output }: CommandContext): Promise<void> {
  const { to, toPassphraseFile } = options;
  if (to === undefined && toPassphraseFile !== undefined) {
    throw wrongUse("--to-passphrase-file belongs to --to passphrase:PATH.");
  }
  // The hospital may run in another folder than this command.
  const wanted = {
    ...(to === undefined ? {} : { to: withAbsolutePath(to) }),
    ...(toPassphraseFile === undefined ? {} : { passphraseFile: path.resolve(toPassphraseFile) }),
  };
  const task = withOperator(options, (operator) => operator.rotateKek(wanted));
  const rotated = await withProgress(output, "Making the key", task);
  if (options.json) output.print(JSON.stringify(rotated));
  else for (const line of linesOf(rotated)) output.print(line);
}

/** Lets every key-encryption key but the one in use open nothing any more. */
export async function finishKek(options: KekOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, (operator) => operator.finishKek());
  const finished = await withProgress(output, "Finishing", task);
  if (options.json) {
    output.print(JSON.stringify(finished));
    return;
  }
  const { fingerprint, dropped } = finished;
  if (dropped.length === 0) output.print(`Only ${fingerprint} opens; there was nothing to do.`);
  else output.print(`Only ${fingerprint} opens now; no more: ${dropped.join(", ")}.`);
}

function linesOf({ fingerprint, settings, dropped, retired }: RotatedKek): readonly string[] {
  const named = Object.entries(settings).map(([name, value]) => `  ${name}=${value}`);
  if (named.length > 0) {
    return [
      `The key-encryption key ${fingerprint} opens too.`,
      "Start the hospital anew, when it suits, with:",
      ...named,
      "Then let the old one open nothing any more: siphms keys rotate --kek --finish",
    ];
  }
  return [
    `The key-encryption key is now ${fingerprint}; no more: ${dropped.join(", ")}.`,
    ...(retired === undefined
      ? []
      : [
          `The old one lies in ${retired}. Backups of before open with it alone: make a new backup, and destroy it with the last of those.`,
        ]),
    "Make a copy of the new one and keep it where neither the database nor its backups are.",
  ];
}

function withAbsolutePath(source: string): string {
  const [, kind, place] = BY_PATH.exec(source) ?? [];
  return kind === undefined || place === undefined ? source : `${kind}:${path.resolve(place)}`;
}
