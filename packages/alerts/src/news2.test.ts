import { readFileSync } from "node:fs";
import { bandOf, NEWS2_PARAMETERS, scoreNews2 } from "@siphms/alerts";
import type { News2, News2Parameter, News2Values } from "@siphms/alerts";
import { describe, expect, it } from "vitest";

/** Scores of one parameter, from and to the last value that has them. */
type Cells = readonly (readonly [from: number, to: number, score: number])[];

function values(numbers: Partial<Record<News2Parameter, number>>): News2Values {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, { value, at: 0 }]),
  );
}

function score(numbers: Partial<Record<News2Parameter, number>>, scale: 1 | 2 = 1): News2 | null {
  return scoreNews2(values(numbers), scale);
}

function without(
  numbers: Partial<Record<News2Parameter, number>>,
  ...names: readonly News2Parameter[]
): Partial<Record<News2Parameter, number>> {
  const left = Object.entries(numbers).filter(([name]) => !names.some((one) => one === name));
  return Object.fromEntries(left);
}

const WELL = {
  respiration: 16,
  spo2: 98,
  oxygen: 0,
  systolic: 122,
  pulse: 72,
  consciousness: 0,
  temperature: 36.8,
};

describe("the cells of NEWS2's chart", () => {
  const chart: readonly (readonly [News2Parameter, number, Cells])[] = [
    [
      "respiration",
      1,
      [
        [0, 8, 3],
        [9, 11, 1],
        [12, 20, 0],
        [21, 24, 2],
        [25, 70, 3],
      ],
    ],
    [
      "spo2",
      1,
      [
        [50, 91, 3],
        [92, 93, 2],
        [94, 95, 1],
        [96, 100, 0],
      ],
    ],
    [
      "oxygen",
      1,
      [
        [0, 0, 0],
        [1, 15, 2],
      ],
    ],
    [
      "systolic",
      1,
      [
        [40, 90, 3],
        [91, 100, 2],
        [101, 110, 1],
        [111, 219, 0],
        [220, 300, 3],
      ],
    ],
    [
      "pulse",
      1,
      [
        [20, 40, 3],
        [41, 50, 1],
        [51, 90, 0],
        [91, 110, 1],
        [111, 130, 2],
        [131, 300, 3],
      ],
    ],
    [
      "consciousness",
      1,
      [
        [0, 0, 0],
        [1, 4, 3],
      ],
    ],
    [
      "temperature",
      0.1,
      [
        [30, 35, 3],
        [35.1, 36, 1],
        [36.1, 38, 0],
        [38.1, 39, 1],
        [39.1, 43, 2],
      ],
    ],
  ];

  it.each(chart)("of %s are those of the chart, edge by edge", (parameter, step, cells) => {
    for (const [from, to, expected] of cells) {
      for (let value = from; value <= to + step / 2; value += step) {
        expect([value, score({ [parameter]: value })?.subScores[parameter]]).toEqual([
          value,
          expected,
        ]);
      }
    }
  });

  it.each<readonly [string, number, Cells]>([
    [
      "on air",
      0,
      [
        [50, 83, 3],
        [84, 85, 2],
        [86, 87, 1],
        [88, 100, 0],
      ],
    ],
    [
      "on oxygen",
      2,
      [
        [50, 83, 3],
        [84, 85, 2],
        [86, 87, 1],
        [88, 92, 0],
        [93, 94, 1],
        [95, 96, 2],
        [97, 100, 3],
      ],
    ],
  ])("of SpO2 on scale 2 %s", (_, oxygen, cells) => {
    for (const [from, to, expected] of cells) {
      for (let spo2 = from; spo2 <= to; spo2++) {
        expect([spo2, score({ spo2, oxygen }, 2)?.subScores.spo2]).toEqual([spo2, expected]);
      }
    }
  });

  it.each([
    [{ temperature: 38.05 }, 1],
    [{ temperature: 38.04 }, 0],
    [{ temperature: 36.05 }, 0],
    [{ temperature: 36.04 }, 1],
    [{ temperature: 35.05 }, 1],
    [{ temperature: 39.05 }, 2],
    [{ temperature: 39.049 }, 1],
    [{ spo2: 95.5 }, 0],
    [{ spo2: 95.4 }, 1],
    [{ spo2: 91.5 }, 2],
    [{ respiration: 20.5 }, 2],
    [{ respiration: 8.5 }, 1],
    [{ systolic: 110.5 }, 0],
    [{ systolic: 219.5 }, 3],
    [{ pulse: 90.5 }, 1],
    [{ pulse: 40.49 }, 3],
  ])("round %j before it is scored, halves up: %d", (numbers, expected) => {
    expect(score(numbers)?.total).toBe(expected);
  });
});

describe("NEWS2", () => {
  it("presumes nothing: what was not measured is missing, neither alert nor on air", () => {
    const partial = score(without(WELL, "consciousness", "oxygen"));
    expect(partial?.missing).toEqual(["oxygen", "consciousness"]);
    expect(partial?.band).toBeNull();
    expect(partial?.subScores).not.toHaveProperty("oxygen");
  });

  it.each(NEWS2_PARAMETERS)("has no band without %s, however high the rest is", (parameter) => {
    const ill = {
      respiration: 25,
      spo2: 91,
      oxygen: 4,
      systolic: 90,
      pulse: 131,
      consciousness: 2,
      temperature: 39.1,
    };
    const partial = score(without(ill, parameter));
    expect(partial?.band).toBeNull();
    expect(partial?.missing).toEqual([parameter]);
    expect(score(ill)?.band).toBe("high");
  });

  it("is nothing at all without any parameter", () => {
    expect(score({})).toBeNull();
  });

  it("does not say what an SpO2 above the target scores on scale 2 while nobody knows of oxygen", () => {
    expect(score({ spo2: 93, pulse: 70 }, 2)?.missing).toContain("spo2");
    expect(score({ spo2: 92, pulse: 70 }, 2)?.subScores.spo2).toBe(0);
  });

  it("says when the oldest value was measured that it rests on", () => {
    const mixed = { pulse: { value: 70, at: 9_000 }, spo2: { value: 98, at: 4_000 } };
    expect(scoreNews2(mixed, 1)?.oldestAt).toBe(4_000);
  });

  it("is at most 20", () => {
    const worst = {
      respiration: 8,
      spo2: 91,
      oxygen: 15,
      systolic: 90,
      pulse: 131,
      consciousness: 4,
      temperature: 35,
    };
    expect(score(worst)).toMatchObject({ total: 20, band: "high", missing: [] });
  });

  it.each([
    [0, false, "low"],
    [4, false, "low"],
    [3, true, "low-medium"],
    [4, true, "low-medium"],
    [5, false, "medium"],
    [6, true, "medium"],
    [7, false, "high"],
  ] as const)("of %d, a single 3: %s, is %s", (total, hasThree, band) => {
    expect(bandOf(total, hasThree)).toBe(band);
  });

  it("refuses what is no number", () => {
    expect(() => score({ pulse: NaN })).toThrow(RangeError);
  });
});

const EXAMPLES = examples();

describe("the worked examples of docs/reference/vital-signs.md", () => {
  it("are twenty", () => {
    expect(EXAMPLES).toHaveLength(20);
  });

  it.each(EXAMPLES)("$name", ({ numbers, scale, subScores, says }) => {
    const found = score(numbers, scale);
    expect(NEWS2_PARAMETERS.map((parameter) => found?.subScores[parameter])).toEqual(subScores);
    const words =
      found?.band === null
        ? `no NEWS2; at least ${found.total}, ${7 - found.missing.length} of 7`
        : `${found?.total ?? ""} ${found?.band ?? ""}`;
    expect(says.startsWith(words)).toBe(true);
  });
});

interface Example {
  readonly name: string;
  readonly numbers: Partial<Record<News2Parameter, number>>;
  readonly scale: 1 | 2;
  /** In the order of {@link NEWS2_PARAMETERS}. */
  readonly subScores: readonly (number | undefined)[];
  readonly says: string;
}

/** Reads the table of examples where it stands. */
function examples(): readonly Example[] {
  const file = new URL("../../../docs/reference/vital-signs.md", import.meta.url);
  const table = readFileSync(file, "utf8").split("### Worked examples")[1] ?? "";
  return table.split("\n").flatMap((line) => {
    const cells = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const [
      number = "",
      rr,
      spo2 = "",
      oxygen,
      sbp,
      pulse,
      acvpu = "",
      temperature,
      sub = "",
      says = "",
    ] = cells;
    if (!/^\d+$/.test(number)) return [];
    const [saturation, scale = ""] = spo2.split(" ");
    const all = {
      respiration: Number(rr),
      spo2: Number(saturation),
      oxygen: oxygen === "air" ? 0 : 2,
      systolic: Number(sbp),
      pulse: Number(pulse),
      consciousness: ["A", "C", "V", "P", "U"].indexOf(acvpu),
      temperature: Number(temperature),
    };
    const numbers = Object.fromEntries(
      Object.entries(all).filter(([, value]) => !Number.isNaN(value)),
    );
    const subScores = sub.split(" ").map((one) => (one === "-" ? undefined : Number(one)));
    return [
      {
        name: `number ${number}: ${says}`,
        numbers,
        scale: scale === "(2)" ? 2 : 1,
        subScores,
        says,
      },
    ];
  });
}
