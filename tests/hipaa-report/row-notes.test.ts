import { describe, expect, it } from "vitest";
import { parseRowNotes } from "./row-notes.ts";

const GOOD = { due: ["HS-1"], operatorOnly: [], rows: { "HS-1": { here: "This." } } };

describe("the data file", () => {
  it("is read as it is", () => {
    expect(parseRowNotes(JSON.stringify(GOOD))).toEqual(GOOD);
  });

  it.each([
    ["without what is due", { ...GOOD, due: undefined }],
    ["with a number for a row", { ...GOOD, due: [7] }],
    ["with a text for a list", { ...GOOD, operatorOnly: "HS-1" }],
    ["with a list of notes", { ...GOOD, rows: [] }],
    ["with a note that says nothing", { ...GOOD, rows: { "HS-1": {} } }],
    ["with a note that is empty", { ...GOOD, rows: { "HS-1": { here: "" } } }],
    ["with a part that is none", { ...GOOD, rows: { "HS-1": { here: "x", part: false } } }],
    ["with a status by hand", { ...GOOD, rows: { "HS-1": { here: "x", status: "passed" } } }],
    ["with a list of passed rows", { ...GOOD, passed: ["HS-1"] }],
  ])("is refused %s", (_what, broken) => {
    expect(() => parseRowNotes(JSON.stringify(broken))).toThrow();
  });
});
