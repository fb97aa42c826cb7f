import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { runCommand } from "@siphms/cli";

import { writeInventedLog } from "../bench/audit/invented-log.ts";
import { createFolderSink } from "./folder-log.ts";

const COUNT = 300;

let folder: string;
let log: string;
let printed: string[];
let noted: string[];
let files: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-audit-"));
  log = path.join(folder, "log");
  await writeInventedLog(createFolderSink(log), COUNT);
});

beforeEach(async () => {
  printed = [];
  noted = [];
  files = await mkdtemp(path.join(folder, "files-"));
});

afterEach(() => rm(files, { recursive: true, force: true }));

afterAll(() => rm(folder, { recursive: true, force: true }));

function run(...words: readonly string[]): Promise<number> {
  return runCommand(["audit", ...words], {
    output: {
      print: (line) => void printed.push(line),
      note: (line) => void noted.push(line),
      isTerminal: false,
    },
    terminal: { ask: () => Promise.reject(new Error("nobody is asked")) },
    environment: {},
  });
}

const policyFile = (): string => path.join(log, "policy");
const inFiles = (name: string): string => path.join(files, name);

/** A copy of the log with one byte of one file turned. */
async function damaged(name: string, at: number): Promise<string> {
  const copy = inFiles("copy");
  await mkdir(copy);
  for (const one of [
    "checkpoint",
    "policy",
    "tile/entries/000",
    "tile/entries/001.p/44",
    "tile/0/000",
    "tile/0/001.p/44",
    "tile/1/000.p/1",
  ]) {
    const bytes = await readFile(path.join(log, one));
    if (one === name) bytes[at]! ^= 1;
    await createFolderSink(copy).write(one, new Uint8Array(bytes));
  }
  return copy;
}

describe("siphms audit verify", () => {
  it("finds an export sound without any server, and says whose keys it believes [HS-312b]", async () => {
    expect(await run("verify", "--from", log)).toBe(0);
    expect(printed.join("\n")).toMatch(
      /Entries +300, .*\n[^]*Every entry stands as it was signed\./,
    );
    expect(noted.join("\n")).toContain("--policy");
  });

  it("prints one line of JSON", async () => {
    expect(await run("verify", "--from", log, "--policy", policyFile(), "--json")).toBe(0);
    expect(printed).toHaveLength(1);
    expect(JSON.parse(printed[0]!)).toMatchObject({
      ok: true,
      origin: "siphms/bench/audit/1",
      entries: COUNT,
      findings: [],
    });
    expect(noted).toEqual([]);
  });

  it("names the first bad index, and ends with 1 [HS-312b]", async () => {
    // Behind the lengths and entries of many others.
    const copy = await damaged("tile/entries/001.p/44", 5_000);
    expect(await run("verify", "--from", copy)).toBe(1);
    const index = /Entry (\d+) is not what was signed\./.exec(printed.join("\n"))?.[1];
    expect(Number(index)).toBeGreaterThan(256);
    expect(noted.at(-1)).toContain(`the first bad index is ${index!}`);
  });

  it("names it as JSON too", async () => {
    const copy = await damaged("tile/entries/000", 100);
    expect(await run("verify", "--from", copy, "--json")).toBe(1);
    expect(JSON.parse(printed[0]!)).toMatchObject({
      ok: false,
      findings: [{ kind: "entries", from: 0, to: 1, reason: "altered" }],
    });
  });

  it.each([
    ["signed by nobody it knows", "checkpoint", 5, "The newest checkpoint"],
    ["with a tile that is not the tree's", "tile/0/000", 40, "tile/0/000"],
  ])("ends with 1 for a log %s", async (_title, name, at, words) => {
    expect(await run("verify", "--from", await damaged(name, at), "--policy", policyFile())).toBe(
      1,
    );
    expect(printed.join("\n")).toContain(words);
  });

  it("remembers a checkpoint only where all is well, and shows both where one contradicts the other", async () => {
    const kept = inFiles("kept");
    expect(await run("verify", "--from", log, "--remember", kept)).toBe(0);
    expect(await readFile(kept, "utf8")).toBe(await readFile(path.join(log, "checkpoint"), "utf8"));
    expect((await stat(kept)).mode & 0o777).toBe(0o600);

    const other = inFiles("other");
    await writeInventedLog(createFolderSink(other), 10);
    const before = await readFile(kept, "utf8");
    expect(await run("verify", "--from", other, "--remember", kept)).toBe(1);
    expect(await readFile(kept, "utf8")).toBe(before);
  });

  it.each([
    ["no folder", ["--from", "absent"], "holds no exported log"],
    ["no policy file", ["--policy", "absent"], "cannot be read"],
    ["a policy that is none", ["--policy", "junk"], "POLICY_MALFORMED"],
    ["a known checkpoint that is not there", ["--known", "absent"], "cannot be read"],
    ["a known checkpoint that is none", ["--known", "junk"], "NOTE_MALFORMED"],
  ])("says what to do with %s", async (_title, [option = "", name = ""], words) => {
    await writeFile(inFiles("junk"), "junk\n");
    expect(await run("verify", "--from", log, option, inFiles(name))).toBe(1);
    expect(noted.join("\n")).toContain(words);
    expect(printed).toEqual([]);
  });
});

describe("siphms audit prove and check-proof", () => {
  it("prove an entry to whoever has the policy alone", async () => {
    const proof = inFiles("proof");
    expect(await run("prove", "299", "--from", log, "--out", proof)).toBe(0);
    expect(await run("check-proof", proof, "--policy", policyFile())).toBe(0);
    const text = printed.join("\n");
    expect(text).toMatch(/Index +299/);
    expect(text).toMatch(/Event +readings\.stored/);
    expect(text).toContain("in its first 300 entries, cosigned by nobody");
  });

  it("do so as JSON too", async () => {
    expect(await run("prove", "4", "--from", log, "--json")).toBe(0);
    const { proof } = JSON.parse(printed[0]!) as { proof: string };
    await writeFile(inFiles("proof"), proof);
    expect(await run("check-proof", inFiles("proof"), "--policy", policyFile(), "--json")).toBe(0);
    expect(JSON.parse(printed[1]!)).toMatchObject({
      ok: true,
      index: 4,
      entry: { Actor: "staff:12" },
    });
  });

  it("refuse an entry that is not there", async () => {
    expect(await run("prove", "300", "--from", log)).toBe(1);
    expect(noted.join("\n")).toContain("AUDIT_LOG_UNREADABLE");
  });

  it.each([
    [
      "of another entry",
      (text: string) => text.replace("index 4", "index 5"),
      "MERKLE_PROOF_INVALID",
    ],
    ["that was cut", (text: string) => text.slice(0, 100), "LOG_PROOF_MALFORMED"],
    ["of another size", (text: string) => text.replace("\n300\n", "\n301\n"), "NOTE_UNAUTHENTIC"],
  ])("refuse a proof %s", async (_title, change, code) => {
    expect(await run("prove", "4", "--from", log, "--json")).toBe(0);
    const { proof } = JSON.parse(printed[0]!) as { proof: string };
    await writeFile(inFiles("proof"), change(proof));
    expect(await run("check-proof", inFiles("proof"), "--policy", policyFile())).toBe(1);
    expect(noted.at(-1)).toContain(code);
  });
});
