import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { CliError } from "../../cli-error.ts";
import { startBenchProcess } from "./bench-process.ts";
import type { BenchPart } from "./bench-scope.ts";

interface Calls {
  double(input: Float64Array): Promise<Float64Array>;
  fail(input: undefined): Promise<void>;
  end(input: undefined): Promise<void>;
}

/** The other end, written by hand: it answers in the form that a served process does. */
const MAIN = `
process.on("disconnect", () => process.exit(0));
process.on("message", ({ number, name, input }) => {
  if (name === "end") process.exit(3);
  if (name === "fail") process.send({ number, error: "no room" });
  else process.send({ number, result: input.map((one) => one * 2) });
});`;

let folder: string;
let parts: BenchPart[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-bench-process-"));
  parts = [];
  await writeFile(path.join(folder, "other-main.mjs"), MAIN);
});

afterEach(async () => {
  for (const part of parts) await part.stop();
  await rm(folder, { recursive: true, force: true });
});

function start() {
  const scope = {
    signal: new AbortController().signal,
    say: () => undefined,
    hold: (part: BenchPart) => void parts.push(part),
  };
  const caller = pathToFileURL(path.join(folder, "caller.mjs")).href;
  return startBenchProcess<Calls>(scope, "other-main", caller);
}

describe("a process of a bench", () => {
  it("answers each question with its own answer", async () => {
    const { ask } = await start();
    const answers = await Promise.all([
      ask("double", Float64Array.of(1)),
      ask("double", Float64Array.of(2, 3)),
    ]);
    expect(answers.map((one) => [...one])).toEqual([[2], [4, 6]]);
  });

  it("hands its failure on, and stays", async () => {
    const { ask } = await start();
    await expect(ask("fail", undefined)).rejects.toThrow(new CliError("no room"));
    expect([...(await ask("double", Float64Array.of(4)))]).toEqual([8]);
  });

  it("fails every open question when it ends", async () => {
    const { ask } = await start();
    await expect(ask("end", undefined)).rejects.toThrow("ended by itself");
  });

  it("fails every later question as well", async () => {
    const { ask } = await start();
    await expect(ask("end", undefined)).rejects.toThrow(CliError);
    await expect(ask("double", Float64Array.of(1))).rejects.toThrow(CliError);
  });

  it("ends with the scope", async () => {
    const { pid } = await start();
    for (const part of parts) await part.stop();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});
