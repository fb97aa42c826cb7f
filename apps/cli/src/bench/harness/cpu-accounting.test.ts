import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

import { afterEach, describe, expect, it } from "vitest";

import { CliError } from "../../cli-error.ts";
import { cpuSeconds, measureCpu, parseProcessTimes } from "./cpu-accounting.ts";

const STAT =
  "4711 (NAME) S 42 4711 4711 0 -1 4194560 100 200 0 0 150 50 1200 34 20 0 12 0 99 1000 200 18446744073709551615";

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** A process that does its work, says so, and stays. */
async function worker(script: string): Promise<ChildProcess & { readonly pid: number }> {
  const text = `${script}; process.stdout.write("done"); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ["-e", text], { stdio: ["ignore", "pipe", "ignore"] });
  started.push(child);
  await once(child.stdout, "data");
  if (child.pid === undefined) throw new Error("not started");
  return Object.assign(child, { pid: child.pid });
}

/** Looks at CPU time itself, so that a busy machine makes it longer but not less. */
const burn = (ms: number): string =>
  `for (let u = process.cpuUsage(); u.user + u.system < ${ms}_000; u = process.cpuUsage());`;

describe("the line of a process in /proc", () => {
  it("gives its own time and that of its ended children", () => {
    const times = parseProcessTimes(STAT);
    expect(times).toEqual({ parent: 42, own: 2, endedChildren: 12.34 });
  });

  it.each(["a b", "x) S 1 2", "((", "postgres: walwriter "])(
    "is read behind a name like %j",
    (name) => {
      expect(parseProcessTimes(STAT.replace("NAME", name)).parent).toBe(42);
    },
  );

  it.each(["", "4711 (node) S 42", STAT.replace("150", "many")])("is refused as %j", (line) => {
    expect(() => parseProcessTimes(line)).toThrow(RangeError);
  });
});

const isLinux = process.platform === "linux";
const why = isLinux ? "" : " (skipped: there is no /proc here)";

describe.skipIf(!isLinux)(`CPU time of a process${why}`, () => {
  it("counts its own work", async () => {
    const { pid } = await worker(burn(300));
    expect(await cpuSeconds(pid)).toBeGreaterThanOrEqual(0.29);
  });

  it("counts children that run and children that have ended", async () => {
    const child = (script: string): string =>
      `require("child_process").execFileSync(process.execPath, ["-e", ${JSON.stringify(script)}]);`;
    const running = `
      const c = require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(
        `${burn(400)}; console.log(1); process.stdin.resume();`,
      )}], { stdio: ["pipe", "pipe", "ignore"] });
      c.stdout.once("data", () => process.stdout.write("done")); setInterval(() => {}, 1e6);`;
    const family = spawn(process.execPath, ["-e", child(burn(400)) + running], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    started.push(family);
    await once(family.stdout, "data");
    expect(await cpuSeconds(family.pid ?? 0)).toBeGreaterThanOrEqual(0.78);
  });

  it("counts nothing of others", async () => {
    const [idle, busy] = [await worker(""), await worker("")];
    const { cpu } = await measureCpu({ idle: idle.pid, busy: busy.pid }, async () => {
      await worker(burn(300));
    });
    expect(cpu.idle + cpu.busy).toBeLessThan(0.25);
  });

  it("is told over a stretch, with what the work gave", async () => {
    const measured = await measureCpu({ own: process.pid }, () => {
      const start = process.cpuUsage();
      for (
        let used = process.cpuUsage(start);
        used.user + used.system < 300_000;
        used = process.cpuUsage(start)
      );
      return Promise.resolve("result");
    });
    expect(measured.result).toBe("result");
    expect(measured.cpu.own).toBeGreaterThanOrEqual(0.28);
    expect(measured.seconds).toBeGreaterThan(0.1);
  });

  it("is refused for a process that is not there", async () => {
    const child = await worker("");
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    await expect(cpuSeconds(child.pid)).rejects.toThrow(CliError);
  });

  it("lets the work's own failure through", async () => {
    const work = (): Promise<never> => Promise.reject(new Error("of the work"));
    await expect(measureCpu({ own: process.pid }, work)).rejects.toThrow("of the work");
  });
});
