import { access, mkdir, open, readFile, rename } from "node:fs/promises";
import path from "node:path";

import type { LogSink, LogSource } from "@siphms/audit";

/** Reads an exported log out of its folder. */
export function createFolderSource(folder: string): LogSource {
  return {
    async read(name) {
      try {
        return new Uint8Array(await readFile(path.join(folder, name)));
      } catch (error) {
        // ENOTDIR: a file stands where the path has a folder, so there is no such file either.
        if (isCode(error, "ENOENT") || isCode(error, "ENOTDIR")) return undefined;
        throw error;
      }
    },
  };
}

/** Writes an exported log into a folder that only its owner reads, each file whole or not at all, and on disk. */
export function createFolderSink(folder: string): LogSink {
  return {
    async has(name) {
      try {
        await access(path.join(folder, name));
        return true;
      } catch (error) {
        if (isCode(error, "ENOENT")) return false;
        throw error;
      }
    },
    async write(name, bytes) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      const unfinished = `${file}.part`;
      const handle = await open(unfinished, "w", 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(unfinished, file);
    },
  };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
