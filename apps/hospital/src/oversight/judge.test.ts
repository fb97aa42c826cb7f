import type { Role } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { judge, NO_COUNTS, standingOut, type Counted, type Counts } from "./judge.ts";

const person = (actor: string, counts: Partial<Counts>, role: Role = "doctor"): Counted => ({
  ...{ actor, name: actor, role },
  counts: { ...NO_COUNTS, ...counts },
});

const standOut = (...people: Counted[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(judge(people).map((one) => [one.actor, standingOut(one)]));

describe("what stands out in a week's activity [HS-308a1D]", () => {
  it("is nothing in a week in which nothing special was done", () => {
    const quiet = { records: 30, night: 10, "no-relation": 4, exports: 2, "log-ins": 4 };
    expect(standOut(person("ada", quiet))).toEqual({ ada: [] });
  });

  it.each([
    ["records", 31],
    ["night", 11],
    ["emergencies", 1],
    ["no-relation", 5],
    ["same-name", 1],
    ["exports", 3],
    ["log-ins", 5],
  ] as const)("is one more than usual: %s", (figure, count) => {
    expect(standOut(person("ada", { [figure]: count }))).toEqual({ ada: [figure] });
    expect(standOut(person("ada", { [figure]: count - 1 }))).toEqual({ ada: [] });
  });

  it("is more than twice what half of the others in the role opened", () => {
    const ward = [40, 44, 90].map((records, index) =>
      person(`doctor ${String(index)}`, { records }),
    );
    expect(standOut(...ward, person("ada", { records: 88 }))["ada"]).toEqual([]);
    expect(standOut(...ward, person("ada", { records: 89 }))["ada"]).toEqual(["records"]);
  });

  it("is not measured by other roles, by whoever opened nothing, or by oneself", () => {
    const others = [
      person("nurse", { records: 500 }, "nurse"),
      person("on leave", { records: 0 }),
      person("ada", { records: 31 }),
    ];
    expect(standOut(...others)["ada"]).toEqual(["records"]);
  });

  it("is not that a machine reads at night", () => {
    expect(standOut(person("export", { night: 30 }, "integration"))).toEqual({ export: [] });
  });

  it("comes first, and leaves what it was given as it was", () => {
    const people = Object.freeze([
      person("bo", {}),
      person("ada", {}),
      person("cy", { emergencies: 1 }),
    ]);
    expect(judge(people).map(({ actor }) => actor)).toEqual(["cy", "ada", "bo"]);
  });
});
