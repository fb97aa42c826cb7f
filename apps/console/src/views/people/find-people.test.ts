import type { StaffAccount } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { isSameName, peopleOf } from "./find-people.ts";

const STAFF: readonly StaffAccount[] = [
  { name: "Zoe Invented", role: "nurse", state: "active" },
  { name: "Amir Disabled", role: "doctor", state: "disabled" },
  { name: "Bea Example", role: "doctor", state: "active" },
];

describe("finding people", () => {
  it("puts who can sign in before who can't, by name, and leaves the list as it is", () => {
    const before = [...STAFF];
    expect(peopleOf(STAFF, "").map(({ name }) => name)).toEqual([
      "Bea Example",
      "Zoe Invented",
      "Amir Disabled",
    ]);
    expect(STAFF).toEqual(before);
  });

  it("finds a part of a name, whatever its capitals, and nobody by a role", () => {
    expect(peopleOf(STAFF, " example").map(({ name }) => name)).toEqual(["Bea Example"]);
    expect(peopleOf(STAFF, "doctor")).toEqual([]);
  });

  it("takes names that differ in capitals for one, and others not", () => {
    expect(isSameName("Bea Example", "bea example ")).toBe(true);
    expect(isSameName("Bea Example", "Bea Example 2")).toBe(false);
  });
});
