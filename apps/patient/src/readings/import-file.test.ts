import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LineFault, MAX_FILE_BYTES, readImport, type WrongLine } from "./import-file.ts";

const NOW = Date.UTC(2026, 2, 2);
const AT = "2026-03-01T08:00:00Z";
const AT_MS = Date.UTC(2026, 2, 1, 8);

function read(text: string) {
  const result = readImport(text, NOW);
  if (result.kind !== "read") throw new Error(result.fault);
  return result;
}

function csv(...lines: readonly string[]): string {
  return ["at,kind,value", ...lines].join("\n");
}

describe("a CSV file", () => {
  it("is read with clinical values, in wire units", () => {
    expect(read(csv(`${AT},glucose,98.5`, `${AT},blood-pressure,122/78`)).values).toEqual([
      { at: AT_MS, kind: 6, value: 985 },
      { at: AT_MS, kind: 2, value: [122, 78, null] },
    ]);
  });

  it("may have its columns in another order, others beside them, a byte order mark and Windows' line ends", () => {
    const text = `\ufeffnote,value,kind,at\r\n"well, fine",72,heart-rate,${AT_MS}\r\n\r\n`;
    expect(read(text)).toEqual({
      kind: "read",
      values: [{ at: AT_MS, kind: 1, value: 72 }],
      wrong: [],
    });
  });

  it.each(["122/78/93", '"[122,78,93]"', '"122,78,93"'])("may hold a pressure as %s", (value) => {
    expect(read(csv(`${AT},blood-pressure,${value}`)).values[0]?.value).toEqual([122, 78, 93]);
  });

  it.each<readonly [string, LineFault]>([
    ["never,heart-rate,72", "time"],
    ["2026-03-01,heart-rate,72", "time"],
    [",heart-rate,72", "time"],
    ["-5,heart-rate,72", "time"],
    ["2026-03-03T00:00:00Z,heart-rate,72", "future"],
    [`${AT},pulse,72`, "kind"],
    [`${AT},__proto__,72`, "kind"],
    [`${AT},heart-rate,`, "value"],
    [`${AT},heart-rate,fast`, "value"],
    [`${AT},heart-rate,1e400`, "value"],
    [`${AT},heart-rate`, "value"],
    [`${AT},heart-rate,122/78`, "value"],
    [`${AT},blood-pressure,122`, "value"],
    [`${AT},blood-pressure,122/78/x`, "value"],
    [`${AT},blood-pressure,-/-`, "value"],
    [`${AT},heart-rate,0`, "no-signal"],
    [`${AT},heart-rate,720`, "out-of-range"],
    [`${AT},blood-pressure,78/122`, "pressure-order"],
    [`${AT},body-temperature,98.6`, "unit"],
  ])("names the line of %s as wrong: %s", (line, fault) => {
    const result = read(csv(`${AT},heart-rate,72`, line));
    expect(result.wrong).toEqual([{ line: 3, fault }]);
    expect(result.values).toHaveLength(1);
  });

  it("counts lines as an editor does, empty ones too", () => {
    const wrong: readonly WrongLine[] = read(
      csv("", `${AT},nothing,1`, "", `${AT},nothing,1`),
    ).wrong;
    expect(wrong.map(({ line }) => line)).toEqual([3, 5]);
  });

  it("takes the same reading once", () => {
    const result = read(csv(`${AT},heart-rate,72`, `${AT},heart-rate,72`, `${AT},heart-rate,73`));
    expect(result.values).toHaveLength(2);
    expect(result.wrong).toEqual([{ line: 3, fault: "repeated" }]);
  });
});

describe("a JSON file", () => {
  it("is a list of the same members", () => {
    const text = JSON.stringify([
      { at: AT, kind: "heart-rate", value: 72 },
      { at: AT_MS, kind: "blood-pressure", value: [122, 78, 93] },
    ]);
    expect(read(text).values).toEqual([
      { at: AT_MS, kind: 1, value: 72 },
      { at: AT_MS, kind: 2, value: [122, 78, 93] },
    ]);
  });

  it.each<readonly [unknown, LineFault]>([
    [null, "time"],
    [7, "time"],
    [{}, "time"],
    [{ at: AT, kind: 1, value: 72 }, "kind"],
    [{ at: AT, kind: "heart-rate", value: null }, "value"],
    [{ at: AT, kind: "heart-rate", value: {} }, "value"],
    [{ at: AT, kind: "blood-pressure", value: [1, 2, 3, 4] }, "value"],
    [{ at: 1.5, kind: "heart-rate", value: 72 }, "time"],
  ])("names the entry %j as wrong: %s", (entry, fault) => {
    expect(read(JSON.stringify([entry])).wrong).toEqual([{ line: 1, fault }]);
  });
});

describe("a file of which nothing can be taken", () => {
  it.each([
    ["", "empty"],
    ["at,kind,value\n", "empty"],
    ["[]", "empty"],
    ["time,kind,value\n1,2,3", "header"],
    ["at,kind\n1,2", "header"],
    ["{}", "header"],
    ["[1,", "json"],
    ["[1,2] trailing", "json"],
    [csv(...new Array<string>(20_001).fill("x,x,x")), "too-many"],
    [" ".repeat(MAX_FILE_BYTES + 1), "too-large"],
  ])("says why", (text, fault) => {
    expect(readImport(text, NOW)).toEqual({ kind: "file-fault", fault });
  });

  it("is any text at all without an error", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readImport(text, NOW)));
    fc.assert(
      fc.property(fc.json(), (json) => {
        const result = readImport(`[${json}]`, NOW);
        return result.kind === "file-fault" || result.values.length === 0;
      }),
    );
  });
});
