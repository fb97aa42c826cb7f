import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";

/** What marks a PostgreSQL data folder, and a backup of one. */
const DATA_MARKS = ["PG_VERSION", "backup_label", "backup_manifest"];

/**
 * The folder of data in which a file lies, whether under its own name or under the one that a link leads to; `undefined`
 * where it lies apart.
 *
 * @param dataFolders - Folders that hold data besides those of PostgreSQL, which are recognised by what lies in them.
 */
export async function dataFolderAround(
  file: string,
  dataFolders: readonly string[] = [],
): Promise<string | undefined> {
  const named = dataFolders.filter((folder) => existsSync(folder));
  const forbidden = new Set(await Promise.all(named.map((folder) => realpath(folder))));
  const folder = path.dirname(path.resolve(file));
  // Before the first init neither is there; that the key is missing is said by who reads it.
  const folders = [
    ...ancestorsOf(existsSync(folder) ? await realpath(folder) : folder),
    ...(existsSync(file) ? ancestorsOf(path.dirname(await realpath(file))) : []),
  ];
  return folders.find(
    (one) => forbidden.has(one) || DATA_MARKS.some((mark) => existsSync(path.join(one, mark))),
  );
}

function ancestorsOf(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestorsOf(parent)];
}
