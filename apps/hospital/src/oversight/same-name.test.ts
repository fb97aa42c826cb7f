import { describe, expect, it } from "vitest";
import { lastName } from "./same-name.ts";

describe("the last name by which relatives are found", () => {
  it.each([
    ["Dr Berta Müller", "Rolf MULLER"],
    ["Ann O'Neill", "Dr. Bob o'neill "],
    ["Eva Meyer-Lang", "Uwe meyer-lang"],
    ["ليلى حداد", "د. سامي حداد"],
  ])("is the same for %s and %s", (one, two) => {
    expect(lastName(one)).toBe(lastName(two));
    expect(lastName(one)).not.toBe("");
  });

  it.each([
    ["Dr Berta Lang", "Eva Meyer-Lang"],
    ["Ada Müller", "Müller Ada"],
    ["Ann Neill", "Ann O'Neill"],
  ])("is not the same for %s and %s", (one, two) => {
    expect(lastName(one)).not.toBe(lastName(two));
  });

  it("is none of a name without letters", () => {
    expect(lastName(" 4711 ")).toBe("");
  });
});
