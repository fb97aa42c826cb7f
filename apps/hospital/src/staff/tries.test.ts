import { describe, expect, it } from "vitest";
import { delayAfter, TRY_RULES } from "./tries.ts";

describe("the delay after failed tries (SR-08) [HS-308a5C]", () => {
  it.each(Object.entries(TRY_RULES))(
    "of one %s never falls, is nothing at first and has a limit",
    (_name, rule) => {
      const delays = Array.from({ length: 99 }, (_, failures) => delayAfter(failures, rule));
      expect(delays.slice(0, rule.free + 1).every((delay) => delay === 0)).toBe(true);
      expect(delays[rule.free + 1]).toBe(1000);
      expect(delays).toEqual(delays.toSorted((one, two) => one - two));
      expect(delays.at(-1)).toBe(rule.maxDelayMs);
    },
  );

  it("of an account is, after a hundred, until the count begins anew; of a source it never is", () => {
    expect(delayAfter(100, TRY_RULES.account)).toBe(TRY_RULES.account.forgetMs);
    expect(delayAfter(10_000, TRY_RULES.account)).toBe(TRY_RULES.account.forgetMs);
    expect(delayAfter(10_000, TRY_RULES.source)).toBe(TRY_RULES.source.maxDelayMs);
    expect(delayAfter(10_000, TRY_RULES.both)).toBe(TRY_RULES.both.maxDelayMs);
  });
});
