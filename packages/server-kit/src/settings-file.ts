import { readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { ServerKitError } from "./error.ts";
import type { SettingsSpec } from "./settings.ts";

/**
 * Reads a settings file: lines of `NAME=value`, `#` for comments, quotes where a value holds spaces.
 *
 * @param spec - Decides which values are secret: a file that holds one must be closed to group and others.
 * @throws {ServerKitError} `SETTING_FILE` if the file cannot be read or is open to others although it holds a secret.
 */
export function readSettingsFile(
  path: string,
  spec: SettingsSpec,
): Record<string, string | undefined> {
  const values = parseEnv(readText(path));
  const secret = Object.values(spec).find(
    (one) => one.secret && values[one.variable] !== undefined,
  );
  if (secret !== undefined && (statSync(path).mode & 0o077) !== 0) {
    throw new ServerKitError(
      "SETTING_FILE",
      `The settings file ${path} holds ${secret.variable} and other users can read it. Run: chmod 600 ${path}`,
    );
  }
  return values;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ServerKitError(
      "SETTING_FILE",
      `The settings file ${path} cannot be read. Check the path and its permissions.`,
      { cause },
    );
  }
}
