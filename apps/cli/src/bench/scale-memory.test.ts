import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { CliError } from "../cli-error.ts";
import { perSession } from "./scale-idle.ts";
import { familyMemory, programMemory } from "./scale-memory.ts";

/** Larger than any process number that Linux gives. */
const NOBODY = 2 ** 22 + 1;

describe("the memory of processes", () => {
  it("is told by the system, beside what the process says itself", async () => {
    const memory = await programMemory(process.pid, process.memoryUsage());
    expect(memory.heap).toBeGreaterThan(1_000_000);
    expect(memory.anonymous).toBeGreaterThan(memory.heap / 2);
    expect(memory.rss).toBeGreaterThan(memory.anonymous);
  });

  it("cannot be told of a process that is gone", async () => {
    await expect(programMemory(NOBODY, process.memoryUsage())).rejects.toThrow();
    await expect(familyMemory(NOBODY)).rejects.toThrow(CliError);
  });

  it("counts the children of a server too", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "siphms-family-"));
    const file = path.join(folder, "child.mjs");
    await writeFile(file, "process.on('disconnect', () => process.exit()); process.send('up');");
    const alone = await familyMemory(process.pid);
    const child = fork(file);
    try {
      await once(child, "message");
      const own = await familyMemory(child.pid ?? 0);
      expect(own).toBeGreaterThan(1_000_000);
      expect(await familyMemory(process.pid)).toBeGreaterThan(alone + own / 2);
    } finally {
      child.disconnect();
      await once(child, "exit");
      await rm(folder, { recursive: true });
    }
  });

  it("is divided by the sessions that are more", () => {
    const few = { rss: 1_000_000, anonymous: 900_000, heap: 500_000, external: 10 };
    const many = { rss: 6_000_000, anonymous: 1_900_000, heap: 400_000, external: 10 };
    expect(perSession(few, many, 1_000)).toEqual({
      rss: 5_000,
      anonymous: 1_000,
      heap: -100,
      external: 0,
    });
  });
});
