import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeTrail, parseTrail } from "./trail-codec.ts";
import type { Trail } from "./trail.ts";

const TRAIL: Trail = {
  entries: [
    {
      id: "01",
      created: 1,
      samples: 1,
      series: [{ kind: 2, origin: 1, count: 1, start: 1, end: 1, last: [122, 78, null] }],
      state: "stored",
      atGatewayAt: 2,
      receipt: {
        outcome: 1,
        received: 3,
        stored: 4,
        informed: ["Dr Example"],
        name: "ff",
        held: 1,
        lastHeld: ["clock"],
      },
    },
  ],
  latest: [{ kind: 2, at: 1, value: [122, 78, null], origin: 1, id: "01", held: "clock" }],
};

/** The trail with one member replaced, by its path. */
function broken(path: readonly (number | string)[], value: unknown): Uint8Array {
  const copy = JSON.parse(new TextDecoder().decode(encodeTrail(TRAIL))) as Record<string, unknown>;
  let place = copy;
  for (const step of path.slice(0, -1)) place = place[step] as Record<string, unknown>;
  place[path.at(-1)!] = value;
  return new TextEncoder().encode(JSON.stringify(copy));
}

describe("the bytes of a trail", () => {
  it("come back as the same trail", () => {
    expect(parseTrail(encodeTrail(TRAIL))).toEqual(TRAIL);
  });

  it.each([
    [["entries"], {}],
    [["latest"], undefined],
    [["entries", 0, "id"], 1],
    [["entries", 0, "state"], "lost"],
    [["entries", 0, "created"], "now"],
    [["entries", 0, "series", 0, "kind"], 12],
    [["entries", 0, "series", 0, "last"], 122],
    [["entries", 0, "series", 0, "origin"], 3],
    [["entries", 0, "receipt", "outcome"], 4],
    [["entries", 0, "receipt", "lastHeld"], [1]],
    [["entries", 0, "receipt", "informed"], "Dr Example"],
    [
      ["latest", 0, "value"],
      [null, null, null],
    ],
    [["latest", 0], null],
  ] as const)("are refused with %j wrong", (path, value) => {
    expect(parseTrail(broken(path, value))).toBeUndefined();
  });

  it("may be any bytes at all without an error", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => parseTrail(bytes) === undefined));
  });

  it("are refused cut short anywhere", () => {
    const whole = encodeTrail(TRAIL);
    for (let length = 0; length < whole.length; length++)
      expect(parseTrail(whole.subarray(0, length))).toBeUndefined();
  });
});
