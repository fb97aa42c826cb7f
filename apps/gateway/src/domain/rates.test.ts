import { describe, expect, it } from "vitest";
import { createMovableClock } from "../testing/test-gateway.ts";
import { addressKey, createRates } from "./rates.ts";

describe("rates", () => {
  it("let a minute's worth through at once and refill evenly", () => {
    const clock = createMovableClock();
    const rates = createRates(clock, 10);
    expect([1, 2, 3].map(() => rates.take("a", 2))).toEqual([0, 0, 30]);
    clock.advance(29_999);
    expect(rates.take("a", 2)).toBe(1);
    clock.advance(1);
    expect([rates.take("a", 2), rates.take("a", 2)]).toEqual([0, 30]);
  });

  it("never save up more than a minute's worth", () => {
    const clock = createMovableClock();
    const rates = createRates(clock, 10);
    rates.take("a", 2);
    clock.advance(3_600_000);
    expect([1, 2, 3].map(() => rates.take("a", 2) === 0)).toEqual([true, true, false]);
  });

  it("keep keys apart", () => {
    const rates = createRates(createMovableClock(), 10);
    expect([rates.take("a", 1), rates.take("b", 1), rates.take("a", 1)]).toEqual([0, 0, 60]);
  });

  it("take one back that was given, and never more than a minute's worth", () => {
    const rates = createRates(createMovableClock(), 10);
    expect([rates.take("a", 1), rates.take("a", 1)]).toEqual([0, 60]);
    rates.giveBack("a");
    expect([rates.take("a", 1), rates.take("a", 1)]).toEqual([0, 60]);
    for (let count = 0; count < 5; count += 1) rates.giveBack("a");
    expect([rates.take("a", 1), rates.take("a", 1)]).toEqual([0, 60]);
  });

  it("take nothing back from a key that nobody took for", () => {
    const rates = createRates(createMovableClock(), 10);
    rates.giveBack("nobody");
    expect([rates.size(), rates.take("nobody", 1), rates.take("nobody", 1)]).toEqual([0, 0, 60]);
  });

  it("are not emptied by a clock that is set back", () => {
    const clock = createMovableClock();
    const rates = createRates(clock, 10);
    rates.take("a", 3);
    clock.advance(-3_600_000);
    expect(rates.take("a", 3)).toBe(0);
  });

  it("forget a key when its allowance is full again, not earlier", () => {
    const clock = createMovableClock();
    const rates = createRates(clock, 10);
    rates.take("a", 2);
    clock.advance(29_999);
    rates.forgetIdle();
    expect(rates.size()).toBe(1);
    clock.advance(1);
    rates.forgetIdle();
    expect(rates.size()).toBe(0);
  });

  it("keep no more keys than allowed: the first goes", () => {
    const rates = createRates(createMovableClock(), 2);
    for (const key of ["a", "b", "c"]) rates.take(key, 1);
    expect([rates.size(), rates.take("b", 1), rates.take("a", 1)]).toEqual([2, 60, 0]);
  });
});

describe("an address", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:DB8:1:2::9", "2001:db8:1:2"],
    ["2001:0db8:0001:0002:a:b:c:d", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["::1", "0:0:0:0"],
    ["192.0.2.7:50123", "192.0.2.7"],
    ["[2001:db8:1:2::9]:50123", "2001:db8:1:2"],
    ["[2001:db8:1:2::9]", "2001:db8:1:2"],
  ])("%s counts as %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
