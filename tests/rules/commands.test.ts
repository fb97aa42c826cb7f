import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCommand } from "../../apps/cli/src/program.ts";
import { GATEWAY_SETTINGS } from "../../apps/gateway/src/settings.ts";
import { HOSPITAL_SETTINGS } from "../../apps/hospital/src/settings.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = readFileSync(join(PROJECT, "docs/operations/commands.md"), "utf8");
/** What stands in backquotes: words of commands, options, settings. */
const NAMED = [...PAGE.matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);
const OPTION = /--[a-z][a-z-]+/g;

/** What a command says of itself. */
async function helpOf(words: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const add = (line: string): void => void lines.push(line);
  await runCommand([...words, "--help"], {
    output: { print: add, note: add, isTerminal: false },
    terminal: { ask: () => Promise.reject(new Error("nobody is asked")) },
    environment: {},
  });
  return lines.join("\n");
}

/** Names of the commands that a help lists. */
function commandsIn(help: string): string[] {
  const listed = /^Commands:\n([\s\S]*)/m.exec(help)?.[1] ?? "";
  const names = [...listed.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = ""]) => name);
  return names.filter((name) => name !== "help");
}

interface Found {
  readonly command: string;
  readonly options: readonly string[];
}

/** Each command that does something, with its options. */
async function allCommands(words: readonly string[] = []): Promise<readonly Found[]> {
  const help = await helpOf(words);
  const below = commandsIn(help);
  const found = await Promise.all(below.map((name) => allCommands([...words, name])));
  const isGroup = /^Usage: siphms .*\[command\]$/m.test(help);
  const listed = /^Options:\n((?:.+\n?)+)/m.exec(help)?.[1] ?? "";
  const options = [...listed.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name = ""]) => name);
  const own = { command: words.join(" "), options: options.filter((name) => name !== "--help") };
  return isGroup && own.options.length === 0 ? found.flat() : [own, ...found.flat()];
}

const COMMANDS = (await allCommands()).filter(({ command }) => command !== "");

describe("the page of commands and settings [HS-316b2iii]", () => {
  it("is held against what there is", () => {
    expect(COMMANDS.length).toBeGreaterThan(40);
    expect(COMMANDS.flatMap(({ options }) => options).length).toBeGreaterThan(100);
    expect(NAMED.length).toBeGreaterThan(150);
  });

  it.each(COMMANDS)("has `$command` with its options", ({ command, options }) => {
    const fits = command.startsWith("bench ") ? command.slice("bench ".length) : command;
    const isNamed = (text: string): boolean => text === fits || text.startsWith(`${fits} `);
    // A row names its commands shortly: `gateway admit FILE`, `expel ID`.
    const [group = "", sub] = fits.split(" ");
    const row = PAGE.split("\n").find(
      (line) => line.includes(`\`${group} `) && sub !== undefined && line.includes(`\`${sub}`),
    );
    expect(NAMED.some(isNamed) || row !== undefined, `${command} is on the page`).toBe(true);
    const missing = options.filter((name) => !NAMED.some((text) => text.includes(name)));
    expect(missing).toEqual([]);
  });

  it("names no option that no command has", () => {
    const known = new Set(COMMANDS.flatMap(({ options }) => options));
    const named = NAMED.flatMap((text) => text.match(OPTION) ?? []);
    const foreign = ["--no-install", "--help"];
    expect(named.filter((name) => !known.has(name) && !foreign.includes(name))).toEqual([]);
  });

  it.each([...Object.values(HOSPITAL_SETTINGS), ...Object.values(GATEWAY_SETTINGS)])(
    "has the setting $variable",
    ({ variable }) => {
      expect(NAMED).toContain(variable);
    },
  );
});
