import { asBytes, compareBytes, concatBytes, equalBytes } from "@siphms/cose";
import { describe, expect, it } from "vitest";

const of = (...bytes: number[]) => Uint8Array.from(bytes);

describe("byte strings", () => {
  it("are joined in order, into an array of their own", () => {
    const first = of(1, 2);
    const joined = concatBytes(first, of(), of(3));
    expect(joined).toEqual(of(1, 2, 3));
    joined[0] = 9;
    expect(first).toEqual(of(1, 2));
    expect(concatBytes()).toEqual(of());
  });

  it("are equal only byte for byte", () => {
    expect(equalBytes(of(1, 2), of(1, 2))).toBe(true);
    expect(equalBytes(of(), of())).toBe(true);
    expect(equalBytes(of(1, 2), of(1, 3))).toBe(false);
    expect(equalBytes(of(1, 2), of(0, 2))).toBe(false);
    expect(equalBytes(of(1, 2), of(1))).toBe(false);
    expect(equalBytes(of(), of(0))).toBe(false);
  });

  it("are ordered bytewise, the shorter first where it begins the longer", () => {
    const sorted = [of(), of(0), of(0, 0), of(0, 1), of(1), of(2), of(255)];
    expect([...sorted].reverse().sort(compareBytes)).toEqual(sorted);
    expect(compareBytes(of(1, 2), of(1, 2))).toBe(0);
  });

  it("are copied off a shared buffer and passed on otherwise", () => {
    const plain = of(1, 2);
    expect(asBytes(plain)).toBe(plain);
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);
    expect(asBytes(shared)).toEqual(of(7, 7));
    expect(asBytes(shared).buffer).toBeInstanceOf(ArrayBuffer);
  });
});
