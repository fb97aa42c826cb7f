import type { Bytes } from "@siphms/cose";
import { beforeAll, describe, expect, it } from "vitest";
import { EdhocError } from "./index.ts";
import { createDevice, createHospital, runSession } from "./party.suite.ts";
import type { Party } from "./party.suite.ts";

let device: Party;
let hospital: Party;

beforeAll(async () => {
  [device, hospital] = await Promise.all([createDevice(), createHospital()]);
});

describe("a gateway that changes one bit [HS-312e2i]", () => {
  it.each([
    [1, 45],
    [2, 118],
    [3, 384],
    [4, 768],
  ] as const)("of message_%d is found out, at each of its %d bytes", async (target, length) => {
    const outcomes = new Set<string>();
    for (let at = 0; at < length; at++) {
      const wire = (message: number, bytes: Bytes): Bytes => {
        if (message !== target) return bytes;
        expect(bytes).toHaveLength(length);
        return bytes.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte));
      };
      outcomes.add(await runSession({ device, hospital }, wire).then(completed, codeOf));
    }
    expect(outcomes).not.toContain("completed");
  });

  it("of nothing lets the handshake complete", async () => {
    expect(await runSession({ device, hospital }).then(completed, codeOf)).toBe("completed");
  });
});

function completed(): string {
  return "completed";
}

/** Anything but an error of this package ends the test. */
function codeOf(error: unknown): string {
  if (error instanceof EdhocError) return error.code;
  throw error;
}
