import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** Each union of codes in the sources: `export type SomethingErrorCode = "A" | "B";` and the reasons beside them. */
function unionsInSources(): Map<string, string[]> {
  const unions = new Map<string, string[]>();
  for (const top of ["packages", "apps"]) {
    for (const file of readdirSync(join(PROJECT, top), { recursive: true, encoding: "utf8" })) {
      if (!/\/src\/.*\.ts$/.test(file) || /node_modules|\.test\.ts$/.test(file)) continue;
      const text = readFileSync(join(PROJECT, top, file), "utf8");
      const declared =
        /export type (\w*(?:ErrorCode|QuarantineReason|NoAnswerReason))\s*=([^;]*);/g;
      for (const [, name = "", body = ""] of text.matchAll(declared)) {
        unions.set(name, [...body.matchAll(/"([^"]+)"/g)].map(([, code = ""]) => code).sort());
      }
    }
  }
  return unions;
}

/** Each section of docs/errors.md: a heading with the union's name, then a table with the code in its first column. */
function unionsInDocs(): Map<string, string[]> {
  const unions = new Map<string, string[]>();
  const text = readFileSync(join(PROJECT, "docs/errors.md"), "utf8");
  for (const section of text.split(/^## /m).slice(1)) {
    const name = /`(\w+)`/.exec(section.split("\n")[0] ?? "")?.[1];
    if (name === undefined) continue;
    unions.set(name, [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, code = ""]) => code).sort());
  }
  return unions;
}

describe("docs/errors.md", () => {
  const sources = unionsInSources();
  const docs = unionsInDocs();

  it("finds the unions that are known to be there, so that it can fail", () => {
    expect([...sources.keys()]).toEqual(
      expect.arrayContaining(["CoseErrorCode", "MessageErrorCode", "DeviceErrorCode"]),
    );
    expect(sources.get("CoseErrorCode")).toContain("CBOR_MALFORMED");
  });

  it("has a section for each union and none besides", () => {
    expect([...docs.keys()].sort()).toEqual([...sources.keys()].sort());
  });

  it.each([...sources])("lists each code of %s and no other", (name, codes) => {
    expect(docs.get(name)).toEqual(codes);
  });

  it("says for every code what it means and what to do", () => {
    const rows = readFileSync(join(PROJECT, "docs/errors.md"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    for (const row of rows) {
      const cells = row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      expect(cells, row).toHaveLength(3);
      expect(
        cells.every((cell) => cell.length > 1),
        row,
      ).toBe(true);
    }
  });
});
