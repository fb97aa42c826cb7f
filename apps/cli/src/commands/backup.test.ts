import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { runCommand } from "@siphms/cli";

let folder: string;
let noted: string[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-backup-"));
  noted = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function run(...words: readonly string[]): Promise<number> {
  return runCommand(words, {
    output: { print: () => undefined, note: (line) => void noted.push(line), isTerminal: false },
    terminal: { ask: () => Promise.reject(new Error("nobody is asked")) },
    environment: {},
  });
}

describe("siphms backup, restore and drill", () => {
  it.each([
    ["backup", "--to"],
    ["drill", "--from"],
  ])("%s asks for the folder of the backups where nobody said it", async (command, option) => {
    expect(await run(command, "--data", folder)).toBe(2);
    expect(noted.join()).toContain(`${option} or SIPHMS_HOSPITAL_BACKUP_FOLDER`);
  });

  it.each([
    ["backup", "--to"],
    ["drill", "--from"],
  ])("%s says where there is no installation, and makes none", async (command, option) => {
    expect(await run(command, option, folder, "--data", path.join(folder, "none"))).toBe(1);
    expect(noted.join()).toContain("There is no installation in");
    expect(await readdir(folder)).toEqual([]);
  });

  it("restore asks which backup is meant", async () => {
    expect(await run("restore", "--data", folder)).toBe(2);
    expect(await readdir(folder)).toEqual([]);
  });
});
