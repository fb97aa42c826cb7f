import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { startChildProgram } from "./child-program.ts";
import type { ChildProgram } from "./child-program.ts";
import { runOnce } from "./run-once.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-child-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function program(text: string): Promise<ChildProgram> {
  const main = path.join(folder, "main.mjs");
  await writeFile(main, text);
  const logFile = path.join(folder, "program.log");
  return { name: "test program", main, parameters: [], environment: { GIVEN: "yes" }, logFile };
}

const READY = 'process.stdout.write(JSON.stringify({ ready: true }) + "\\n");';

describe("a program that runs as a child", () => {
  it("runs from its ready line until it is stopped", async () => {
    const running = await startChildProgram(
      await program(
        `process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1e6); ${READY}`,
      ),
    );
    await running.stop();
    expect(await running.ended).toBe("exit code 0");
  });

  it("gets its settings and what every program needs, but not this process's own environment", async () => {
    process.env["SIPHMS_DEVICE_PASSPHRASE"] = "invented";
    try {
      const text = `process.stderr.write(JSON.stringify(process.env)); ${READY}`;
      const running = await startChildProgram(await program(text));
      await running.ended;
    } finally {
      delete process.env["SIPHMS_DEVICE_PASSPHRASE"];
    }
    const log = await readFile(path.join(folder, "program.log"), "utf8");
    expect(JSON.parse(log)).toMatchObject({ GIVEN: "yes", PATH: expect.any(String) as string });
    expect(log).not.toContain("PASSPHRASE");
  });

  it("hands on its last words when it ends before it is ready", async () => {
    const text = 'process.stderr.write("{}\\nDATABASE_URL is not set.\\n"); process.exitCode = 2;';
    await expect(startChildProgram(await program(text))).rejects.toThrow(
      "The test program did not start: DATABASE_URL is not set.",
    );
  });

  it("says how it ended when it ends by itself", async () => {
    const running = await startChildProgram(await program(`${READY} process.exitCode = 3;`));
    expect(await running.ended).toBe("exit code 3");
  });

  it("can be ended at once", async () => {
    const running = await startChildProgram(
      await program(`process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6); ${READY}`),
    );
    running.kill();
    expect(await running.ended).toBe("SIGKILL");
  });

  it("hears when its parent is gone", async () => {
    const parent = `
      import { spawn } from "node:child_process";
      const child = spawn(process.execPath, [process.argv[2]], { stdio: ["ignore", "ignore", "ignore", "ipc"], detached: true });
      child.on("message", () => process.kill(process.pid, "SIGKILL"));
    `;
    const child = `
      import { writeFileSync } from "node:fs";
      process.on("disconnect", () => { writeFileSync(new URL("gone", import.meta.url), "yes"); process.exit(); });
      process.send("here");
    `;
    const childMain = path.join(folder, "child.mjs");
    await writeFile(childMain, child);
    const { main } = await program(parent);
    await runOnce({ name: "parent", main, parameters: [childMain], environment: {} }).catch(
      () => undefined,
    );
    await expect
      .poll(() => readFile(path.join(folder, "gone"), "utf8").catch(() => ""))
      .toBe("yes");
  });
});

describe("a program that is called once", () => {
  it("hands back what it printed", async () => {
    const { main } = await program('process.stdout.write(process.argv.slice(2).join("+"));');
    const call = { name: "test", main, parameters: ["a", "b"], environment: {} };
    expect(await runOnce(call)).toBe("a+b");
  });

  it("fails with its words, without its log lines", async () => {
    const { main } = await program(
      'process.stderr.write(\'{"level":"error"}\\nThe file is gone.\\n\'); process.exitCode = 1;',
    );
    const call = { name: "test", main, parameters: ["init"], environment: {} };
    await expect(runOnce(call)).rejects.toThrow(/^The file is gone\.$/);
  });

  it("fails with its exit code where it said nothing", async () => {
    const { main } = await program("process.exitCode = 7;");
    const call = { name: "test", main, parameters: ["init"], environment: {} };
    await expect(runOnce(call)).rejects.toThrow("`test init` failed (exit code 7).");
  });
});
