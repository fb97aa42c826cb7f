import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import { createTotpSecret, describeTotp, stepOfCode } from "./totp.ts";

/** RFC 6238, appendix B: the secret of its SHA-1 vectors, and their codes, of which six digits are ours. */
const RFC_SECRET = new TextEncoder().encode("12345678901234567890");
const RFC_VECTORS: readonly (readonly [number, string])[] = [
  [59, "94287082"],
  [1_111_111_109, "07081804"],
  [1_111_111_111, "14050471"],
  [1_234_567_890, "89005924"],
  [2_000_000_000, "69279037"],
  [20_000_000_000, "65353130"],
];

const CODE = "287082";
const AT_MS = 59_000;
const STEP = 1;

describe("a TOTP code", () => {
  it.each(RFC_VECTORS)("of second %i is the one of RFC 6238", (second, code) => {
    expect(stepOfCode(RFC_SECRET, code.slice(2), second * 1000)).toBe(Math.floor(second / 30));
  });

  it("is good one step early and one step late, and says which step it is of", () => {
    expect(stepOfCode(RFC_SECRET, CODE, AT_MS - 30_000)).toBe(STEP);
    expect(stepOfCode(RFC_SECRET, CODE, AT_MS + 30_000)).toBe(STEP);
  });

  it.each([90_000, 120_000, 3_600_000])("is not good at %i ms, two steps on and more", (atMs) => {
    expect(stepOfCode(RFC_SECRET, CODE, atMs)).toBeUndefined();
  });

  it.each(["287083", "000000", "28708", "2870822", "", "28708a"])("is not %j", (code) => {
    expect(stepOfCode(RFC_SECRET, code, AT_MS)).toBeUndefined();
  });

  it("of another secret is not good", () => {
    const other = createTotpSecret(createNodeCrypto());
    expect(other).toHaveLength(20);
    expect(stepOfCode(other, CODE, AT_MS)).not.toBe(STEP);
  });

  it("takes a secret that stands in a larger buffer for what it is", () => {
    const larger = new Uint8Array(64).fill(7);
    larger.set(RFC_SECRET, 10);
    expect(stepOfCode(larger.subarray(10, 30), CODE, AT_MS)).toBe(STEP);
  });

  it("comes from a secret that apps can read, with whose and which it is", () => {
    const owner = { hospitalName: "Brookfield Infirmary", staffName: "Dr. Invented" };
    const { secret, uri } = describeTotp(RFC_SECRET, owner);
    expect(secret).toBe("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    expect(new URL(uri).protocol).toBe("otpauth:");
    expect(new URL(uri).searchParams.get("secret")).toBe(secret);
    expect(new URL(uri).searchParams.get("issuer")).toBe(owner.hospitalName);
  });
});
