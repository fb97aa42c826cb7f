import { describe, expect, it } from "vitest";
import { isBy, isWithin, joinConditions } from "./conditions.ts";

describe("conditions on entries", () => {
  it("are joined with parameters that are numbered through, so that no value stands in the text (SR-46)", () => {
    const hostile = "staff:1' OR true --";
    expect(joinConditions([isWithin(1, 2), isBy(hostile)])).toEqual({
      text: "e.at >= $1 AND e.at < $2 AND e.actor = $3 AND e.actor LIKE 'staff:%'",
      values: [1, 2, hostile],
    });
  });

  it("ask for nobody's staff entries where the actor is no member of staff", () => {
    expect(joinConditions([isBy("operator")]).text).toBe("e.actor = $1");
  });
});
