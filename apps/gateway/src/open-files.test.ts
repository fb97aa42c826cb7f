import { describe, expect, it } from "vitest";
import { readLimits, roomForConnections } from "./open-files.ts";

const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \n` +
  `Max processes             31000                31000                processes \n` +
  `Max open files            ${soft.padEnd(21)}1048576              files     \n`;

describe("the connections that a process has room for", () => {
  it.each([
    ["all that are wanted where files are many", 20_000, limits("1048576"), 20_000],
    ["all where files are not limited", 20_000, limits("unlimited"), 20_000],
    ["all where the system does not say", 20_000, undefined, 20_000],
    ["fewer where files are few, with room for those who are refused", 20_000, limits("1024"), 696],
    ["no more than are wanted", 100, limits("1024"), 100],
    ["never less than the least setting", 20_000, limits("64"), 10],
  ])("are %s", (_what, wanted, text, room) => {
    expect(roomForConnections(wanted, text)).toBe(room);
  });

  it("can be told of this process on Linux", () => {
    expect(readLimits()?.includes("Max open files")).toBe(
      process.platform === "linux" ? true : undefined,
    );
  });
});
