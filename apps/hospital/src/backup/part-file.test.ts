import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { generateX25519Identity } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PartHeader, PartMeta } from "./description.ts";
import { readHeader, readPart, writePart } from "./part-file.ts";

/** One row of one column that holds `canary`, as PostgreSQL copies it. */
const COPY = Buffer.concat([
  Buffer.from("PGCOPY\n\xFF\r\n\0", "latin1"),
  Buffer.from("0000000000000000" + "0001" + "00000006", "hex"),
  Buffer.from("canary"),
  Buffer.from("ffff", "hex"),
]);
const HEADER: PartHeader = {
  ...{ format: "siphms backup 1", part: "records", backup: "00".repeat(8), hospital: "test" },
  ...{ madeAt: 1, keys: [["11".repeat(8), "22".repeat(8)]], identity: "33".repeat(8) },
};
const META: PartMeta = { migrations: [], months: ["2026_11"], sequences: [], checkpoint: null };
const TABLE = { schema: "public", name: "things", columns: ["one"] };

let folder: string;
let file: string;
let identity: string;
let written: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-part-"));
  file = path.join(folder, "records");
  identity = await generateX25519Identity();
  await writePart(file, { header: HEADER, meta: META, tables: [TABLE], rows }, identity);
  written = await readFile(file);
});

afterAll(() => rm(folder, { recursive: true }));

// eslint-disable-next-line @typescript-eslint/require-await -- as a database gives them
async function* rows(): AsyncGenerator<Uint8Array> {
  yield COPY.subarray(0, 20);
  yield COPY.subarray(20);
}

async function read(content: Buffer): Promise<unknown> {
  const other = path.join(folder, "other");
  await writeFile(other, content);
  return readPart(other, identity);
}

describe("a part of a backup", () => {
  it("gives back what was written, and hides it until it is opened [HS-308a7A, HS-312a2iv]", async () => {
    const loaded: Uint8Array[] = [];
    const content = await readPart(file, identity, async (_, pieces) => {
      for await (const piece of pieces) loaded.push(piece);
    });
    expect(Buffer.concat(loaded)).toEqual(COPY);
    expect(content).toMatchObject({ meta: META, tables: [{ table: TABLE, rows: 1 }] });
    expect(await readHeader(file)).toEqual(HEADER);
    expect(written.includes("canary")).toBe(false);
    expect(written.includes("things")).toBe(false);
  });

  it("is refused when any one byte of it was altered [HS-308a7A, HS-312c1]", async () => {
    for (let at = 0; at < written.length; at++) {
      const altered = Buffer.from(written);
      altered.writeUInt8(altered.readUInt8(at) ^ 0x01, at);
      await expect(read(altered), `byte ${at}`).rejects.toMatchObject({ code: "BACKUP_ALTERED" });
    }
  });

  it("is refused when it was cut off, wherever, or something stands behind it [HS-308a7A]", async () => {
    for (let length = 0; length < written.length; length += 13) {
      await expect(read(written.subarray(0, length))).rejects.toMatchObject({
        code: "BACKUP_ALTERED",
      });
    }
    await expect(read(Buffer.concat([written, Buffer.alloc(1)]))).rejects.toMatchObject({
      code: "BACKUP_ALTERED",
    });
  });

  it("does not open for another backup's identity", async () => {
    const other = await generateX25519Identity();
    await expect(readPart(file, other)).rejects.toMatchObject({ code: "BACKUP_ALTERED" });
  });

  it("says where one is missing", async () => {
    const missing = path.join(folder, "missing");
    await expect(readPart(missing, identity)).rejects.toMatchObject({ code: "BACKUP_MISSING" });
  });

  it("is not written over another file", async () => {
    const source = { header: HEADER, meta: META, tables: [], rows };
    await expect(writePart(file, source, identity)).rejects.toMatchObject({ code: "EEXIST" });
    expect(await readFile(file)).toEqual(written);
  });
});
