import { existsSync } from "node:fs";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

import { CliError, wrongUse } from "../cli-error.ts";
import { withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

/** Options of `siphms keys export`. */
export interface ExportOptions extends OperatorOptions {
  readonly recovery?: string;
  readonly passphraseFile?: string;
}

const LEAST_PASSPHRASE = 15;
const OTHERS = 0o077;
const ASKING = { hidden: true, instead: "In a script, use --passphrase-file FILE." } as const;

/** Prints the public keys, or writes a recovery file. */
export function exportKeys(options: ExportOptions, context: CommandContext): Promise<void> {
  const { recovery, passphraseFile } = options;
  if (recovery !== undefined) return writeRecovery({ ...options, recovery }, context);
  if (passphraseFile !== undefined) throw wrongUse("--passphrase-file belongs to --recovery.");
  return printPublic(options, context);
}

/** All of it is public and for machines: JSON with and without `--json`. */
async function printPublic(options: ExportOptions, { output }: CommandContext): Promise<void> {
  const task = withOperator(options, async (operator) => {
    const { id, name, ...rest } = await operator.registration();
    const { identities, logs } = await operator.publicKeys();
    return { id, name, identities, logs, ...rest };
  });
  const keys = await withProgress(output, "Reading the keys", task);
  output.print(JSON.stringify(keys, null, options.json ? 0 : 2));
}

async function writeRecovery(
  options: ExportOptions & { readonly recovery: string },
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const passphrase = await passphraseOf(options, context);
  const task = withOperator(options, (operator) => operator.exportRecovery(passphrase));
  const { file } = await withProgress(output, "Wrapping the key", task);
  const place = path.resolve(options.recovery);
  await writeNew(place, file);
  if (options.json) {
    output.print(JSON.stringify({ recovery: place }));
    return;
  }
  output.print(`The recovery file is ${place}.`);
  output.print(
    "It opens this database and all its backups with its passphrase, whatever key-encryption key they have: keep file and passphrase apart from both, and from each other.",
  );
}

async function passphraseOf(
  { passphraseFile }: ExportOptions,
  { terminal }: CommandContext,
): Promise<string> {
  const passphrase =
    passphraseFile === undefined
      ? await terminal.ask("Passphrase of the recovery file: ", ASKING)
      : await readPrivately(passphraseFile);
  if (passphrase.length < LEAST_PASSPHRASE) {
    throw new CliError(
      `The passphrase needs at least ${LEAST_PASSPHRASE} characters: the file is as safe as it is.`,
    );
  }
  if (passphraseFile !== undefined) return passphrase;
  const again = await terminal.ask("The same once more: ", ASKING);
  if (again === passphrase) return passphrase;
  throw new CliError("The two passphrases differ. Nothing was written; try again.");
}

async function readPrivately(file: string): Promise<string> {
  try {
    if (((await stat(file)).mode & OTHERS) === 0) {
      return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
    }
  } catch (cause) {
    throw new CliError(`${file} cannot be read. Check the path and its permissions.`, { cause });
  }
  throw new CliError(`Other users can read ${file}. Run: chmod 600 ${file}`);
}

/** Never over another file, which could be another installation's; and whole, or not there at all. */
async function writeNew(place: string, text: string): Promise<void> {
  if (existsSync(place)) {
    throw new CliError(`${place} is there already. Choose another name, or move it away.`);
  }
  const part = `${place}.part`;
  try {
    await rm(part, { force: true });
    const handle = await open(part, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // No link, which a memory stick may not know.
    await rename(part, place);
    const folder = await open(path.dirname(place), "r");
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    throw new CliError(
      `${place} cannot be written. Check that its folder is there, that you may write into it, and that the disk has room.`,
      { cause },
    );
  } finally {
    await rm(part, { force: true });
  }
}
