import { writeFile } from "node:fs/promises";

import { proveEntry } from "@siphms/audit";

import type { CommandContext } from "../commands/context.ts";
import { withProgress } from "../output.ts";
import { withLog, type LogOptions } from "./open-log.ts";

/** Options of `siphms audit prove`. */
export interface ProveOptions extends LogOptions {
  readonly out?: string;
}

/** Makes a proof that one entry is logged, and writes or prints it. */
export async function proveAudit(
  index: number,
  options: ProveOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withLog({ ...options, why: "proof" }, output, ({ source, trust }) =>
    proveEntry(source, index, trust),
  );
  const proof = await withProgress(output, "Making the proof", task);
  if (options.out !== undefined) await writeFile(options.out, proof, { mode: 0o600 });
  const text = new TextDecoder().decode(proof);
  if (options.json) {
    const place = options.out === undefined ? { proof: text } : { file: options.out };
    output.print(JSON.stringify({ index, ...place }));
  } else if (options.out === undefined) output.print(text.trimEnd());
  else output.print(`The proof that entry ${index} is logged lies in ${options.out}.`);
}
