import { existsSync, readdirSync } from "node:fs";
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createNodeCrypto } from "@siphms/node-crypto";
import { silentLogger } from "@siphms/server-kit";
import { FakeClock } from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditEntry } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import { createInstallationKey, openKeyring } from "../keys/index.ts";
import { readEntryFile } from "./entry-file.ts";
import { createEntryWriter, ENTRIES_FOLDER, type EntryWriter } from "./entry-writer.ts";

const crypto = createNodeCrypto();
const keyring = openKeyring(createInstallationKey(crypto), crypto);
const clock = new FakeClock();
const LOOK: AuditEntry = {
  ...{ at: 5, event: "data.disclosed", actor: "staff:7", object: "readings" },
  ...{ action: "read", outcome: "done" },
};

let dataFolder: string;
let folder: string;

beforeEach(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), "siphms-entries-"));
  folder = path.join(dataFolder, ENTRIES_FOLDER);
});

afterEach(() => rm(dataFolder, { recursive: true }));

const begin = async (): Promise<EntryWriter> => {
  const writer = createEntryWriter({ dataFolder, keyring, crypto, clock, log: silentLogger });
  await writer.begin();
  return writer;
};

/** The sink takes nothing from the transaction. */
const none = {} as Transaction;
const files = async () =>
  Promise.all(
    (await readdir(folder)).map(async (name) => ({
      place: path.join(folder, name),
      ...readEntryFile(new Uint8Array(await readFile(path.join(folder, name))), keyring),
    })),
  );
const eventsOf = async (): Promise<readonly (readonly string[])[]> =>
  (await files()).map(({ entries }) => entries.map(({ entry }) => entry.event));

describe("what emergency mode writes", () => {
  it("is on the disk when the look may be answered, in a file that nobody else can read [HS-308a7C]", async () => {
    const writer = await begin();
    await writer.sink.append(none, [LOOK]);
    expect(await eventsOf()).toEqual([["emergency.began", "data.disclosed"]]);
    const [file] = await files();
    expect((await stat(file?.place ?? "")).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await writer.end();
    expect((await eventsOf())[0]?.at(-1)).toBe("hospital.stopped");
  });

  it("keeps the order of many looks at once", async () => {
    const writer = await begin();
    const looks = Array.from({ length: 50 }, (_, at) =>
      writer.sink.append(none, [{ ...LOOK, at }]),
    );
    await Promise.all(looks);
    const [file] = await files();
    expect(file?.entries.slice(1).map(({ entry }) => entry.at)).toEqual(looks.map((_, at) => at));
    await writer.end();
  });

  it("is refused where no file can be begun, and then nothing may be shown (SR-61) [HS-312b]", async () => {
    await writeFile(folder, "a file where the folder should be");
    await expect(begin()).rejects.toMatchObject({ problem: "not-recorded" });
  });

  it("begins a file with a chain of its own when the one before is gone, and is refused while it cannot", async () => {
    const writer = await begin();
    await rm(folder, { recursive: true });
    await writeFile(folder, "");
    await expect(writer.sink.append(none, [LOOK])).rejects.toMatchObject({
      problem: "not-recorded",
    });
    await expect(writer.sink.append(none, [LOOK])).rejects.toMatchObject({
      problem: "not-recorded",
    });
    await rm(folder);
    await writer.sink.append(none, [LOOK]);
    expect(await eventsOf()).toEqual([["emergency.began", "data.disclosed"]]);
    await writer.end();
  });

  it.each([
    ["cut", (place: string) => truncate(place, 40)],
    ["written to by somebody else", (place: string) => appendFile(place, "more")],
  ])("is refused when the file was %s meanwhile, and goes on in another", async (_, change) => {
    const writer = await begin();
    const [before] = await files();
    await change(before?.place ?? "");
    await expect(writer.sink.append(none, [LOOK])).rejects.toMatchObject({
      problem: "not-recorded",
    });
    await rm(before?.place ?? "");
    await writer.sink.append(none, [LOOK]);
    expect(await eventsOf()).toEqual([["emergency.began", "data.disclosed"]]);
    await writer.end();
  });

  it("gets the name of a file of entries with its first entry, so that none is ever shorter", async () => {
    const names: string[] = [];
    const noticing = {
      ...crypto,
      // The file is open and holds no entry yet.
      sha256Sync: (bytes: Uint8Array<ArrayBuffer>) => {
        if (existsSync(folder)) names.push(...readdirSync(folder));
        return crypto.sha256Sync(bytes);
      },
    };
    const ports = { dataFolder, keyring, crypto: noticing, clock, log: silentLogger };
    const writer = createEntryWriter(ports);
    await writer.begin();
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !name.endsWith(".entries.half"))).toEqual([]);
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{16}\.entries$/)]);
    await writer.end();
  });

  it("makes its folder in one that is there already", async () => {
    await mkdir(folder);
    await (await begin()).end();
    expect(await eventsOf()).toEqual([["emergency.began", "hospital.stopped"]]);
  });
});
