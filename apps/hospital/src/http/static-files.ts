import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** One file of a built web application, held in memory. */
export interface StaticFile {
  readonly body: Buffer;
  readonly mediaType: string;
  /** Its name holds a hash of its content, so it never changes. */
  readonly immutable: boolean;
}

/** A built web application: its files by path, `/assets/main-3f2a.js`. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/vnd.microsoft.icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};
const HASHED_NAME = /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;
const MAX_TOTAL_BYTES = 64 * 1024 * 1024;

/**
 * Reads a built web application into memory.
 *
 * Only what was there when the program started is ever served, by exact name: no request can name another path, and files
 * of other types (source maps among them, SR-62) are left out.
 */
export async function readStaticFiles(folder: string): Promise<StaticFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, StaticFile>();
  let totalBytes = 0;
  for (const entry of entries) {
    const mediaType = MEDIA_TYPES[path.extname(entry.name)];
    if (!entry.isFile() || mediaType === undefined) continue;
    const file = path.join(entry.parentPath, entry.name);
    const body = await readFile(file);
    totalBytes += body.length;
    if (totalBytes > MAX_TOTAL_BYTES)
      throw new RangeError(`${folder} holds more than a web application`);
    const name = `/${path.relative(folder, file).split(path.sep).join("/")}`;
    files.set(name, { body, mediaType, immutable: HASHED_NAME.test(entry.name) });
  }
  return files;
}

/** How long browsers may keep a file. */
export function cacheControl(file: StaticFile): string {
  return file.immutable ? "public, max-age=31536000, immutable" : "no-cache";
}
