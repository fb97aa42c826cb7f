import { describe, expect, it } from "vitest";

import { runCommand } from "../program.ts";
import { parseCount, parseDuration } from "./bench.ts";

async function run(...words: readonly string[]) {
  const noted: string[] = [];
  const output = {
    print: (line: string) => void noted.push(line),
    note: (line: string) => void noted.push(line),
    isTerminal: false,
  };
  const status = await runCommand(["bench", ...words], {
    output,
    terminal: { ask: () => Promise.reject(new Error("nobody is asked")) },
    environment: {},
  });
  return { status, said: noted.join("\n") };
}

describe("the arguments of a bench", () => {
  it.each(["0", "-1", "1.5", "1e3", "", "many", "12345678901"])("refuse %j as a count", (text) => {
    expect(() => parseCount(text)).toThrow("whole number");
  });

  it.each(["0", "0.0", "-1", "1e2", "", "Infinity", "3601", "1s"])(
    "refuse %j as a length of time",
    (text) => {
      expect(() => parseDuration(text)).toThrow("number of seconds");
    },
  );

  it("take counts and lengths of time", () => {
    expect(parseCount("50")).toBe(50);
    expect(parseDuration("0.25")).toBe(0.25);
  });

  it.each([
    ["ingest", "--rounds", "0"],
    ["ingest", "--devices", "none"],
    ["crypto", "--seconds", "-1"],
    ["handshake", "--at-once", "0"],
    ["handshake", "--unknown"],
    ["nothing"],
  ])("end as wrong use: bench %s %s %s", async (...words) => {
    expect((await run(...words.filter((word) => typeof word === "string"))).status).toBe(2);
  });

  it.each(["crypto", "ingest", "handshake"])("are explained for bench %s", async (name) => {
    const { status, said } = await run(name, "--help");
    expect(status).toBe(0);
    expect(said).toContain(`siphms bench ${name}`);
    expect(said).toContain("Example:");
    expect(said).toContain("--json");
  });
});
