import { describe, expect, it } from "vitest";
import { compareGaps, GAP_AFTER_MS, GAPS_BEGIN, gapsDue } from "./gaps.ts";

const NOW = Date.UTC(2026, 0, 5, 8);

describe("numbers that are missing in a session", () => {
  it("are not told while they may still be on their way", () => {
    const { gaps, missing } = compareGaps(GAPS_BEGIN, ["s/3"], NOW);
    expect(missing).toBe(0);
    expect(gapsDue(gaps)).toBe(NOW + GAP_AFTER_MS);
    expect(compareGaps(gaps, ["s/3"], NOW + GAP_AFTER_MS - 1).missing).toBe(0);
  });

  it("are told after that, and for as long as they are missing", () => {
    const { gaps } = compareGaps(GAPS_BEGIN, ["s/3", "s/4"], NOW);
    const later = compareGaps(gaps, ["s/3", "s/4", "s/9"], NOW + GAP_AFTER_MS);
    expect(later.missing).toBe(2);
    expect(compareGaps(later.gaps, ["s/4", "s/9"], NOW + 2 * GAP_AFTER_MS).missing).toBe(2);
  });

  it("are forgotten when they come, or their session ends", () => {
    const { gaps } = compareGaps(GAPS_BEGIN, ["s/3"], NOW);
    const after = compareGaps(gaps, [], NOW + GAP_AFTER_MS);
    expect(after).toMatchObject({ missing: 0, gaps: { missing: {} } });
    expect(gapsDue(after.gaps)).toBeNull();
  });

  it("are counted up to a number that is one fault", () => {
    const names = Array.from({ length: 5000 }, (_, seq) => `s/${String(seq)}`);
    const { gaps } = compareGaps(GAPS_BEGIN, names, NOW);
    expect(compareGaps(gaps, names, NOW + GAP_AFTER_MS).missing).toBe(200);
  });
});
