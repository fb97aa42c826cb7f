import { describe, expect, it } from "vitest";
import { draftAt, readSearch, type SearchDraft, type SearchFault } from "./search-draft.ts";

const NOW = new Date(2026, 2, 10, 15, 30).getTime();
const draft = draftAt(NOW);
const faultsOf = (more: Partial<SearchDraft>): readonly SearchFault[] => {
  const read = readSearch({ ...draft, ...more }, NOW);
  return read.kind === "wrong" ? [...read.faults] : [];
};

describe("the form of the audit search", () => {
  it("begins with the last seven days and today, until now, and asks for nothing more", () => {
    expect(readSearch(draft, NOW)).toEqual({
      kind: "good",
      question: { from: new Date(2026, 2, 3).getTime(), to: NOW },
    });
  });

  it("asks for what is filled in, spaces around a number not counted", () => {
    const filled = { ...draft, actor: "staff:3", mrn: " M-1 ", outcome: "refused" } as const;
    expect(readSearch({ ...filled, event: "readings.stored" }, NOW)).toMatchObject({
      question: { actor: "staff:3", mrn: "M-1", event: "readings.stored", outcome: "refused" },
    });
  });

  it.each([
    ["no beginning", { from: "" }, ["from"]],
    ["a beginning that is no time", { from: "yesterday" }, ["from"]],
    ["an end before the beginning", { to: "2026-03-01T10:00" }, ["order"]],
    ["an end at the beginning", { to: draft.from }, ["order"]],
    ["an end that is no time", { to: "soon" }, ["order"]],
    ["readings without a patient", { event: "readings.stored" }, ["patient"]],
    ["readings of spaces", { event: "readings.stored", mrn: "  " }, ["patient"]],
  ])("refuses %s", (_title, more, faults) => {
    expect(faultsOf(more)).toEqual(faults);
  });
});
