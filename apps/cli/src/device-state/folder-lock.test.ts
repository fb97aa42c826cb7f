import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { lockFolder } from "./folder-lock.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-lock-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("the lock of a folder", () => {
  it("can be taken again after it was let go", async () => {
    const first = await lockFolder(folder, "The device");
    await first.release();
    await expect(lockFolder(folder, "The device")).resolves.toBeDefined();
  });

  it("is refused while a living process holds it, naming that process", async () => {
    await writeFile(path.join(folder, "lock"), `${process.ppid}\n`);
    await expect(lockFolder(folder, "The device")).rejects.toThrow(
      `in use by process ${process.ppid}`,
    );
  });

  it("is taken over from a process that has ended", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    await writeFile(path.join(folder, "lock"), `${pid}\n`);
    await expect(lockFolder(folder, "The device")).resolves.toBeDefined();
  });

  it.runIf(existsSync("/proc/self/stat"))(
    "is taken over where the number belongs to a later process by now",
    async () => {
      await writeFile(path.join(folder, "lock"), `${process.ppid} 1\n`);
      await expect(lockFolder(folder, "The device")).resolves.toBeDefined();
    },
  );

  it.each(["", "no number", "-5"])(
    "is taken over where its file is damaged: '%s'",
    async (text) => {
      await writeFile(path.join(folder, "lock"), text);
      await expect(lockFolder(folder, "The device")).resolves.toBeDefined();
    },
  );
});
