import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { connectionUrl, prepareRoles } from "./roles.ts";

const PASSWORDS = { owner: "a", admin: "b", service: "c" };

let folder: string;
let server: Server;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-roles-"));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** One message of PostgreSQL's protocol, version 3. */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const AUTHENTICATED = message("R", Buffer.alloc(4));
const READY = message("Z", Buffer.from("I"));
const POSTMASTER_GONE = message(
  "E",
  Buffer.from(
    "SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0",
  ),
);

describe("preparing the roles", () => {
  it("fails, and does not end the program, where the server is killed just then", async () => {
    server = createServer((socket) => {
      // The fault comes while no statement is under way: the driver then tells it by an event.
      socket.once("data", () => socket.end(Buffer.concat([AUTHENTICATED, READY, POSTMASTER_GONE])));
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) =>
      server.listen(path.join(folder, ".s.PGSQL.5432"), () => resolve()),
    );
    const url = connectionUrl("siphms_owner", "a", { socketDir: folder, database: "postgres" });
    await expect(prepareRoles(url, PASSWORDS)).rejects.toThrow("not queryable");
  });
});
