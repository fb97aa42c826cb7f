import { describe, expect, it } from "vitest";
import { SightLog } from "./sight-log.ts";

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
