import { describe, expect, it } from "vitest";

import { OPERATIONS, prepareTask } from "./crypto-core.ts";
import { signatureLimit } from "./crypto-cores.ts";

describe("measuring cryptography", () => {
  it.each(OPERATIONS.flatMap((one) => [["nodeCrypto", one] as const, ["webCrypto", one] as const]))(
    "carries out with %s: %s",
    async (adapter, operation) => {
      const run = await prepareTask({ adapter, operation, bytes: 402 });
      const { count, seconds } = await run(1);
      expect(count).toBeGreaterThanOrEqual(1);
      expect(seconds).toBeGreaterThan(0);
    },
  );

  it("times of a handshake only the responder's half where that is asked", async () => {
    const run = await prepareTask({ adapter: "nodeCrypto", operation: "responder", bytes: 402 });
    const begin = performance.now();
    const { seconds } = await run(50);
    expect(seconds).toBeLessThan((performance.now() - begin) / 1_000);
  });
});

describe("the limit by signatures", () => {
  it("is below both: every item takes one of each", () => {
    expect(signatureLimit(20_000, 20_000)).toBeCloseTo(10_000);
    expect(signatureLimit(30_000, 60_000)).toBeCloseTo(20_000);
  });
});
