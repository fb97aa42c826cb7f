import { access } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { CliError } from "../cli-error.ts";

/**
 * Finds the built main file of another program of the project.
 *
 * @param file - Another of its main files.
 * @throws {CliError} when it is not built.
 */
export async function findProgram(
  name: "gateway" | "hospital",
  file: "bench-main.js" | "main.js" = "main.js",
): Promise<string> {
  const index = fileURLToPath(import.meta.resolve(`@siphms/${name}`));
  const main = path.resolve(path.dirname(index), "..", "dist", file);
  await access(main).catch((cause: unknown) => {
    throw new CliError(`The ${name} is not built. Run \`npm run build\` first.`, { cause });
  });
  return main;
}
