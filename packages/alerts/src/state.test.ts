import { EMPTY_STATE, readState } from "@siphms/alerts";
import { expect, it } from "vitest";

it("takes back a state that was kept as JSON", () => {
  expect(readState(JSON.parse(JSON.stringify(EMPTY_STATE)))).toEqual(EMPTY_STATE);
});

it.each([undefined, null, 1, "1", [], {}, { format: 2 }, { format: "1" }])(
  "refuses %j, which is none of this format",
  (value) => {
    expect(() => readState(value)).toThrow(TypeError);
  },
);
