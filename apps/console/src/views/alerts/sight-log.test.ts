import { describe, expect, it } from "vitest";
import { anAlert } from "./alert-example.ts";
import { alertOfSight, SightLog, sightOf } from "./sight-log.ts";

describe("what is to be seen of an alert (SR-66)", () => {
  const IRIS = "Dr Iris Example";
  const seen = [{ by: IRIS, at: 5 }];
  const telling = { to: IRIS, way: "console", step: 0, state: "waiting", at: 9, tries: 0 } as const;

  it("is what nobody of this name has seen, or was told of anew", () => {
    expect(sightOf(anAlert(), IRIS)).toBe("1 0");
    expect(sightOf(anAlert({ seen }), "Dr Olga Oncall")).toBe("1 0");
    expect(sightOf(anAlert({ seen, told: [telling] }), IRIS)).toBe("1 9");
    expect(alertOfSight("12 9")).toBe("12");
  });

  it("is nothing where this person has seen all of it, whatever others were told, or by other ways", () => {
    expect(sightOf(anAlert({ seen }), IRIS)).toBeUndefined();
    const others = [
      { ...telling, state: "delivered" as const },
      { ...telling, to: "Dr Olga Oncall" },
      { ...telling, way: "email" as const },
    ];
    expect(sightOf(anAlert({ seen, told: others }), IRIS)).toBeUndefined();
  });
});

describe("what was seen (SR-66)", () => {
  it("was on the screen for a second, and is told once", () => {
    const log = new SightLog();
    log.enter("1", 0);
    log.enter("2", 500);
    expect(log.take(999)).toEqual([]);
    expect(log.take(1_000)).toEqual(["1"]);
    log.enter("1", 1_100);
    expect(log.take(9_000)).toEqual(["2"]);
    expect(log.take(9_000)).toEqual([]);
  });

  it("is not what only went by", () => {
    const log = new SightLog();
    log.enter("1", 0);
    log.leave("1");
    expect(log.take(5_000)).toEqual([]);
    log.enter("1", 5_000);
    expect(log.take(5_999)).toEqual([]);
  });

  it("is not what stood in a window that nobody saw", () => {
    const log = new SightLog();
    log.enter("1", 0);
    // Shown again after a minute, of which nothing counts.
    log.hide(60_000);
    expect(log.take(60_500)).toEqual([]);
    expect(log.take(61_000)).toEqual(["1"]);
  });

  it("is not what has left the page before", () => {
    const log = new SightLog();
    log.enter("1", 0);
    log.enter("2", 0);
    log.keepOnly(new Set(["2"]));
    expect(log.take(5_000)).toEqual(["2"]);
  });

  it("is told again where the hospital was not reached, and not at once", () => {
    const log = new SightLog();
    log.enter("1", 0);
    log.giveBack(log.take(2_000), 2_000);
    expect(log.take(11_999)).toEqual([]);
    expect(log.take(12_000)).toEqual(["1"]);
  });
});
