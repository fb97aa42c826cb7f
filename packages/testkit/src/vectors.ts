import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT_ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PUBLISHED_ROOT =
  process.env["SIPHMS_VECTORS"] ?? path.join(PROJECT_ROOT, "..", "shared", "vectors");

/** A file of published vectors that may be absent. */
export interface PublishedVectors {
  /** Whether the file is absent; for `it.skipIf`. */
  readonly skip: boolean;
  /** To put behind the test's title: empty, or why it is skipped. */
  readonly why: string;
  /** Reads the file. The type is the test's own claim about it. */

  load<T>(): T;
}

/**
 * Finds published vectors (Wycheproof, cose-wg, RFC 9529), which are read in place and not kept in the project.
 *
 * They are looked for in the folder that `SIPHMS_VECTORS` names, else in `shared/vectors` beside the project.
 * Call {@link PublishedVectors.load} inside the test, where a skipped one does not reach it.
 *
 * @param relativePath - For example `wycheproof/aes_gcm_test.json`.
 * @throws {Error} When the file is absent and `CI` is `true`: there, a skipped test would go unnoticed.
 */
export function publishedVectors(relativePath: string): PublishedVectors {
  const file = path.join(PUBLISHED_ROOT, relativePath);
  const skip = !existsSync(file);
  if (skip && process.env["CI"] === "true") {
    throw new Error(`Published vectors ${relativePath} are absent; set SIPHMS_VECTORS.`);
  }
  const why = skip ? ` (skipped: no ${relativePath}, set SIPHMS_VECTORS)` : "";
  return { skip, why, load: () => readJson(file) };
}

/**
 * Reads our own vectors from the project's `vectors/` folder.
 *
 * @param name - For example `siphms/keys.json`. The type is the test's own claim about it.
 */

/**
 *
 */
export function ownVectors<T>(name: string): T {
  return readJson<T>(path.join(PROJECT_ROOT, "vectors", name));
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
