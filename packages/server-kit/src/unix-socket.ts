import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createConnection, type Server } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { ServerKitError } from "./error.ts";
import { ensurePrivateFolder } from "./private-folder.ts";

/** Bytes of the longest socket path that is used as it is: systems take 104 to 108, with a final zero. */
export const MAX_SOCKET_PATH_BYTES = 100;

/** A Unix socket that a server listens on. */
export interface ListeningSocket {
  /** Where it really is; clients find it by {@link resolveSocket}. */
  readonly path: string;
  /** Takes the socket file, and the folder made for it, away again; the server is closed by its owner. */
  remove(): void;
}

/**
 * Lets a server listen on a Unix socket that only this user can reach.
 *
 * The socket's folder is made private (0700). A path over 100 bytes goes to a private temporary
 * folder of its own, and a file named `<path>.at` says where. A socket left by a dead process is replaced.
 *
 * @param server - A `node:net` or `node:http` server that does not listen yet.
 * @param path - Where clients will look, such as `run/gateway.sock`.
 * @throws {ServerKitError} `SOCKET_IN_USE` if a living process answers there, `SOCKET_UNSAFE` if something else than a socket stands there.
 */
export async function listenOnSocket(server: Server, path: string): Promise<ListeningSocket> {
  ensurePrivateFolder(dirname(path));
  await refuseLiving(resolveSocket(path));
  removeSocketFiles(path);
  const place = isLong(path) ? placeElsewhere(path) : path;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, () => {
      server.off("error", reject);
      resolve();
    });
  });
  chmodSync(place, 0o600);
  return {
    path: place,
    remove: () => {
      removeSocketFiles(path);
    },
  };
}

/**
 * Where a client finds the socket of that name: the path itself, or the place that its pointer file names.
 *
 * @throws {ServerKitError} `SOCKET_UNSAFE` if the pointer is not this user's own.
 */
export function resolveSocket(path: string): string {
  const pointer = pointerPath(path);
  const found = lstatSync(pointer, { throwIfNoEntry: false });
  if (found === undefined) return path;
  // A pointer of somebody else could lead the operator's commands to a false server.
  if (!found.isFile() || !isOwn(found.uid)) throw unsafe(pointer, "is not this user's own file");
  return readFileSync(pointer, "utf8").trim();
}

function placeElsewhere(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), "siphms-"));
  const place = join(folder, basename(path).slice(-40));
  writeFileSync(pointerPath(path), `${place}\n`, { mode: 0o600 });
  return place;
}

function removeSocketFiles(path: string): void {
  const place = resolveSocket(path);
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket()) throw unsafe(place, "is not a socket");
  if (found !== undefined) rmSync(place, { force: true });
  if (place === path) return;
  const folder = dirname(place);
  if (isOwnTemporaryFolder(folder)) rmSync(folder, { recursive: true, force: true });
  rmSync(pointerPath(path), { force: true });
}

function isOwnTemporaryFolder(folder: string): boolean {
  if (dirname(folder) !== tmpdir() || !basename(folder).startsWith("siphms-")) return false;
  const found = statSync(folder, { throwIfNoEntry: false });
  return found !== undefined && isOwn(found.uid);
}

function refuseLiving(place: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createConnection(place);
    probe.on("error", () => {
      resolve();
    });
    probe.once("connect", () => {
      probe.destroy();
      reject(
        new ServerKitError(
          "SOCKET_IN_USE",
          `Another process already listens on ${place}. Stop it first.`,
        ),
      );
    });
  });
}

function pointerPath(path: string): string {
  return `${path}.at`;
}

function isLong(path: string): boolean {
  return Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES;
}

function isOwn(uid: number): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

function unsafe(path: string, what: string): ServerKitError {
  return new ServerKitError(
    "SOCKET_UNSAFE",
    `${path} ${what}. Take it away or choose another folder.`,
  );
}
