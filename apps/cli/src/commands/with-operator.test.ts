import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { nearestOptions, operatorCommand } from "./with-operator.ts";

/** Parses words for `parent child` and says which data folder and form the child was given. */
function parsed(...words: string[]): { data: string; json?: true } {
  let found: { data: string; json?: true } | undefined;
  const program = new Command().exitOverride().enablePositionalOptions();
  const parent = operatorCommand(program.command("parent"), "parent");
  operatorCommand(parent.command("child"), "parent child").action(
    (_: unknown, command: Command) => {
      found = nearestOptions(command);
    },
  );
  program.parse(words, { from: "user" });
  if (found === undefined) throw new Error("the child did not run");
  return found;
}

describe("the options of a command below another", () => {
  it("are those written behind it", () => {
    expect(parsed("parent", "child", "--data", "mine", "--json")).toEqual({
      data: "mine",
      json: true,
    });
  });

  it("are those written before it where it has none of its own", () => {
    expect(parsed("parent", "--data", "mine", "--json", "child")).toEqual({
      data: "mine",
      json: true,
    });
  });

  it("are the nearer ones where both are written", () => {
    expect(parsed("parent", "--data", "far", "child", "--data", "near").data).toBe("near");
  });

  it("fall back to the usual folder", () => {
    expect(parsed("parent", "child")).toEqual({ data: ".siphms" });
  });
});
