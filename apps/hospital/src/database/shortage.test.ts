import pg from "pg";
import { describe, expect, it } from "vitest";
import { isShortage } from "./shortage.ts";

function failure(code: string | undefined): pg.DatabaseError {
  const error = new pg.DatabaseError("failed", 1, "error");
  return Object.assign(error, { code });
}

describe("a shortage", () => {
  it.each([
    ["a full disk", "53100"],
    ["no memory left", "53200"],
    ["too many connections", "53300"],
    ["a server that stops", "57P01"],
    ["a server that crashed", "57P02"],
    ["a server that does not take connections yet", "57P03"],
    ["a statement that took too long", "57014"],
    ["a connection that failed", "08006"],
  ])("is %s", (_what, code) => {
    expect(isShortage(failure(code))).toBe(true);
  });

  it.each([
    ["a UNIQUE rule that was met", failure("23505")],
    ["a value that does not fit", failure("22003")],
    ["a deadlock", failure("40P01")],
    ["a page that is damaged", failure("XX001")],
    ["an error of the server without a code", failure(undefined)],
    ["an error of ours", new TypeError("53100")],
    ["something that only looks like one", { code: "53100" }],
    ["nothing at all", undefined],
  ])("is not %s", (_what, error) => {
    expect(isShortage(error)).toBe(false);
  });
});
