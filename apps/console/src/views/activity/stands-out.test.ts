import type { PersonActivity } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { dayAfter, outstandingFigures } from "./stands-out.ts";

const usual = { count: 4, limit: 4 };
const figures: PersonActivity["figures"] = {
  ...{ records: usual, night: usual, emergencies: usual, "no-relation": usual },
  ...{ "same-name": usual, exports: usual, "log-ins": usual },
};

describe("a week's activity on the screen", () => {
  it("stands out where more was done than the limit, and not at the limit", () => {
    expect(outstandingFigures({ figures })).toEqual([]);
    const more = { count: 5, limit: 4 };
    expect(outstandingFigures({ figures: { ...figures, "log-ins": more, night: more } })).toEqual([
      "night",
      "log-ins",
    ]);
  });

  it.each([
    ["2026-01-05", "2026-01-11"],
    ["2026-02-23", "2026-03-01"],
    ["2025-12-29", "2026-01-04"],
    ["2026-03-23", "2026-03-29"],
  ])("runs for seven days, whatever month and whatever the clocks do: %s to %s", (from, to) => {
    expect(dayAfter(from, 6)).toBe(to);
  });
});
