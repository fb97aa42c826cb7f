import { existsSync } from "node:fs";
import { link, rename } from "node:fs/promises";
import path from "node:path";
import type { Kek } from "./installation-key.ts";
import { createKek, loadKek, syncFolder, type KekOptions } from "./kek.ts";
import type { KekSource } from "./kek-source.ts";

/** A source whose key lies in a file of ours, so that another one can take its place. */
export type KekPlace = Extract<KekSource, { kind: "file" | "passphrase" }>;

/**
 * Makes the key that is to come next, in a file beside the one in use; where a rotation was killed it is the one that waits
 * there.
 *
 * @throws {KeyError} as {@link loadKek}
 */
export async function prepareSuccessor(place: KekPlace, options: KekOptions): Promise<Kek> {
  const next = { ...place, path: successorPath(place) };
  await createKek(next, options);
  return loadKek(next, options);
}

/**
 * Puts the successor in the place of the key in use, which stays beside it: backups of before open with it alone. At each
 * moment there is a whole file in the place.
 *
 * @param old - What tells the key in use from others.
 * @returns Where the old key lies now.
 */
export async function moveSuccessorIn(place: KekPlace, old: string): Promise<string> {
  const retired = `${place.path}.retired-${old}`;
  if (!existsSync(retired)) await link(place.path, retired);
  await rename(successorPath(place), place.path);
  await syncFolder(path.dirname(place.path));
  return retired;
}

function successorPath({ path: place }: KekPlace): string {
  return `${place}.next`;
}
