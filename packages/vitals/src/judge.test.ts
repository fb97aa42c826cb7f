import { describe, expect, it } from "vitest";
import {
  judge,
  type Kind,
  kindInfo,
  type PressureValue,
  type QuarantineReason,
  type WireValue,
} from "@siphms/vitals";

/** Wire value and what is wrong with it; `undefined` for a plausible one. */
type Case = readonly [value: WireValue, reason?: QuarantineReason];

/** Each hard range of vital-signs.md section 2 at its edges, in wire units. */
const BOUNDARIES: readonly (readonly [Kind, readonly Case[]])[] = [
  [
    1,
    [
      [-1, "out-of-range"],
      [0, "no-signal"],
      [1, "out-of-range"],
      [19, "out-of-range"],
      [20],
      [72],
      [300],
      [301, "out-of-range"],
    ],
  ],
  [3, [[0, "out-of-range"], [499, "out-of-range"], [500], [977], [1000], [1001, "out-of-range"]]],
  [4, [[0, "no-signal"], [2, "out-of-range"], [3], [16], [70], [71, "out-of-range"]]],
  [
    5,
    [[0, "out-of-range"], [2999, "out-of-range"], [3000], [3670], [4300], [4301, "out-of-range"]],
  ],
  [
    5,
    [
      [8599, "out-of-range"],
      [8600, "unit"],
      [9860, "unit"],
      [11_000, "unit"],
      [11_001, "out-of-range"],
    ],
  ],
  [
    6,
    [[0, "out-of-range"], [99, "out-of-range"], [100], [1050], [10_000], [10_001, "out-of-range"]],
  ],
  [
    7,
    [
      [0, "out-of-range"],
      [199, "out-of-range"],
      [200],
      [1999],
      [7000],
      [40_000],
      [40_001, "out-of-range"],
    ],
  ],
  [8, [[0, "out-of-range"], [199, "out-of-range"], [200], [833], [3000], [3001, "out-of-range"]]],
  [9, [[-1, "out-of-range"], [0], [1], [2], [3], [4], [5, "out-of-range"]]],
  [10, [[-1, "out-of-range"], [0], [20], [800], [801, "out-of-range"]]],
  [11, [[0, "no-signal"], [19, "out-of-range"], [20], [300], [301, "out-of-range"]]],
];

const PRESSURES: readonly Case[] = [
  [[39, null, null], "out-of-range"],
  [[40, null, null]],
  [[300, null, null]],
  [[301, null, null], "out-of-range"],
  [[null, 19, null], "out-of-range"],
  [[null, 20, null]],
  [[null, 200, null]],
  [[null, 201, null], "out-of-range"],
  [[null, null, 24], "out-of-range"],
  [[null, null, 25]],
  [[null, null, 250]],
  [[null, null, 251], "out-of-range"],
  [[0, 0, 0], "out-of-range"],
  [[80, 120, null], "pressure-order"],
  [[120, 120, null], "pressure-order"],
  [[124, 120, null], "pressure-order"],
  [[125, 120, null]],
  [[63, 25, null]],
  [[133, 82, 97]],
  [[120, 80, 80]],
  [[120, 80, 120]],
  [[120, 287, 90], "out-of-range"],
];

const DROPPED_MEANS: readonly (readonly [sent: PressureValue, kept: PressureValue])[] = [
  [
    [120, 80, 79],
    [120, 80, null],
  ],
  [
    [120, 80, 121],
    [120, 80, null],
  ],
  [
    [120, null, 121],
    [120, null, null],
  ],
  [
    [null, 80, 79],
    [null, 80, null],
  ],
  [
    [300, 200, 251],
    [300, 200, null],
  ],
  [
    [120, 80, 0],
    [120, 80, null],
  ],
];

describe("judging one value (SR-44)", () => {
  for (const [kind, cases] of [...BOUNDARIES, [2 as Kind, PRESSURES] as const]) {
    for (const [value, reason] of cases) {
      const finding = reason ?? "plausible";
      it(`finds ${kindInfo(kind).name} ${JSON.stringify(value)} ${finding}`, () => {
        const expected =
          reason === undefined ? { verdict: "plausible" } : { verdict: "implausible", reason };
        expect(judge(kind, value)).toEqual(expected);
      });
    }
  }

  for (const [sent, kept] of DROPPED_MEANS) {
    it(`drops the mean alone of ${JSON.stringify(sent)}`, () => {
      expect(judge(2, sent)).toEqual({ verdict: "mean-dropped", value: kept });
    });
  }

  it("does not alter the pressure whose mean it drops", () => {
    const sent = Object.freeze([120, 80, 121]) as unknown as PressureValue;
    judge(2, sent);
    expect(sent).toEqual([120, 80, 121]);
  });

  it("rejects a heart rate whose sensor says that it has no contact", () => {
    for (const status of [0b100, 0b101, 0b11100]) {
      expect(judge(1, 72, status)).toEqual({ verdict: "implausible", reason: "no-contact" });
    }
  });

  it("accepts a heart rate with contact, and one of a sensor that cannot tell", () => {
    for (const status of [0b110, 0b111, 0b000, 0b010, 0b10000]) {
      expect(judge(1, 72, status)).toEqual({ verdict: "plausible" });
    }
  });

  it("reads no contact out of the status bits of other kinds", () => {
    expect(judge(11, 72, 0b100)).toEqual({ verdict: "plausible" });
    expect(judge(2, [120, 80, null], 0b100)).toEqual({ verdict: "plausible" });
  });

  it("leaves to those with context what needs context: a child's weight, a jump between beats", () => {
    expect(judge(7, 350)).toEqual({ verdict: "plausible" });
    expect(judge(8, 400)).toEqual({ verdict: "plausible" });
    expect(judge(8, 1400)).toEqual({ verdict: "plausible" });
  });

  it("finds a value of another kind's form implausible rather than failing", () => {
    expect(judge(2, 120)).toEqual({ verdict: "implausible", reason: "out-of-range" });
    expect(judge(1, [120, 80, 90])).toEqual({ verdict: "implausible", reason: "out-of-range" });
  });
});
