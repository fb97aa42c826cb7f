import { fromHex, isOnCurve, pointFromX, toHex, type PublicPoint } from "@siphms/cose";
import { describe, expect, it } from "vitest";

/** SP 800-186 §3.2.1.3: the generator of P-256. Its y is odd. */
const G: PublicPoint = {
  x: fromHex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
  y: fromHex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
};
const P = fromHex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
const zero = new Uint8Array(32);
const changed = (bytes: Uint8Array) =>
  Uint8Array.from(bytes, (byte, i) => (i === 31 ? byte ^ 1 : byte));

describe("points of P-256 (SR-34)", () => {
  it("are recognised", () => {
    expect(isOnCurve(G)).toBe(true);
  });

  it.each<[string, PublicPoint]>([
    ["another y", { x: G.x, y: changed(G.y) }],
    ["another x", { x: changed(G.x), y: G.y }],
    ["x and y exchanged", { x: G.y, y: G.x }],
    ["(0, 0)", { x: zero, y: zero }],
    ["x = p", { x: P, y: G.y }],
    ["x = p where x = 0 would do", { x: P, y: pointFromX(zero).y }],
    ["y = p", { x: G.x, y: P }],
    ["a short x", { x: G.x.slice(1), y: G.y }],
    ["a long y", { x: G.x, y: Uint8Array.of(0, ...G.y) }],
    ["nothing", { x: new Uint8Array(0), y: new Uint8Array(0) }],
  ])("are refused with %s", (_what, point) => {
    expect(isOnCurve(point)).toBe(false);
  });

  it("are found by x, with the even y", () => {
    const point = pointFromX(G.x);
    expect(isOnCurve(point)).toBe(true);
    expect(point.x).toEqual(G.x);
    expect((point.y[31] ?? 1) % 2).toBe(0);
    expect(point.y).not.toEqual(G.y);
    expect(toHex(pointFromX(zero).y)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ["of no point", Uint8Array.of(...zero.slice(1), 1)],
    ["equal to p", P],
    ["beyond p", new Uint8Array(32).fill(255)],
    ["that is short", G.x.slice(1)],
    ["that is long", Uint8Array.of(0, ...G.x)],
    ["that is empty", new Uint8Array(0)],
  ])("are not found by an x %s", (_what, x) => {
    expect(() => pointFromX(x)).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
  });
});
