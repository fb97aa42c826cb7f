import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import { networkWaitMs, refusedWait, retryAfterWaitMs } from "./backoff.ts";

const crypto = createNodeCrypto();

describe("networkWaitMs", () => {
  it("waits between half a second and a second after the first fault", () => {
    for (let i = 0; i < 100; i++) {
      const waitMs = networkWaitMs(1, crypto);
      expect(waitMs).toBeGreaterThanOrEqual(500);
      expect(waitMs).toBeLessThanOrEqual(1_000);
    }
  });

  it("never waits longer than five minutes", () => {
    for (const failures of [9, 10, 100, 1e6]) {
      const waitMs = networkWaitMs(failures, crypto);
      expect(waitMs).toBeGreaterThanOrEqual(128_000);
      expect(waitMs).toBeLessThanOrEqual(300_000);
    }
  });

  it("does not wait the same time twice in a row", () => {
    expect(networkWaitMs(8, crypto)).not.toBe(networkWaitMs(8, crypto));
  });
});

describe("retryAfterWaitMs", () => {
  it("waits as long as it was told, or up to a tenth longer", () => {
    for (let i = 0; i < 100; i++) {
      const waitMs = retryAfterWaitMs(30_000, crypto);
      expect(waitMs).toBeGreaterThanOrEqual(30_000);
      expect(waitMs).toBeLessThanOrEqual(33_000);
    }
  });

  it("is not silenced for a day by one answer", () => {
    expect(retryAfterWaitMs(86_400_000, crypto)).toBe(3_600_000);
  });
});

describe("refusedWait", () => {
  it("waits 1, 5 and 30 minutes, and only then asks for attention", () => {
    expect([1, 2, 3, 4, 5].map(refusedWait)).toEqual([
      { waitMs: 60_000, needsAttention: false },
      { waitMs: 300_000, needsAttention: false },
      { waitMs: 1_800_000, needsAttention: false },
      { waitMs: 1_800_000, needsAttention: true },
      { waitMs: 1_800_000, needsAttention: true },
    ]);
  });
});
