import { describe, expect, it } from "vitest";

import { runCommand } from "../program.ts";

async function run(...words: readonly string[]) {
  const noted: string[] = [];
  const note = (line: string): void => void noted.push(line);
  const output = { print: note, note, isTerminal: false };
  const status = await runCommand(["bench", ...words], {
    output,
    terminal: { ask: () => Promise.reject(new Error("nobody is asked")) },
    environment: {},
  });
  return { status, said: noted.join("\n") };
}

describe("the arguments of the benches of the whole way", () => {
  it.each(["10", "10,10", "100,10", "1,1000,999"])(
    "refuse %s sessions before anything is started",
    async (sessions) => {
      const { status, said } = await run("scale", "--sessions", sessions);
      expect(status).toBe(2);
      expect(said).toContain("each larger than the one before");
      expect(said).not.toContain("Starting");
    },
  );

  it.each([
    ["scale", "--sessions", "1,ten"],
    ["scale", "--sessions", "1,,10"],
    ["scale", "--sessions", "0,10"],
    ["scale", "--seconds", "0"],
    ["scale", "--idle-seconds", "none"],
    ["scale", "--devices", "0"],
    ["end-to-end", "--seconds", "0"],
    ["end-to-end", "--rounds", "0"],
    ["end-to-end", "--devices", "-1"],
    ["end-to-end", "--latency-seconds", "soon"],
    ["end-to-end", "--sessions", "10"],
  ])("end as wrong use: bench %s %s %s", async (...words) => {
    expect((await run(...words)).status).toBe(2);
  });
});
