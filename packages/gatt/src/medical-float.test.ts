import { decodeCuffPressure, decodeTemperature, floatOf, sfloatOf, toNumber } from "@siphms/gatt";
import { describe, expect, it } from "vitest";
import { hex } from "./testing/hex.ts";

describe("an SFLOAT", () => {
  it.each([
    [0x07ff, "nan"],
    [0x0800, "nres"],
    [0x07fe, "positive-infinity"],
    [0x0802, "negative-infinity"],
    [0x0801, "reserved"],
  ])("of 0x%s is no number but special", (bits, special) => {
    expect(sfloatOf(bits)).toEqual({ kind: "special", special });
    expect(toNumber(sfloatOf(bits))).toBeUndefined();
  });

  it("with a special mantissa and another exponent than 0 is a number", () => {
    expect(toNumber(sfloatOf(0x17ff))).toBe(20_470);
    expect(toNumber(sfloatOf(0xf800))).toBe(-204.8);
    expect(toNumber(sfloatOf(0xf7fe))).toBe(204.6);
  });

  it("beside a special value is a number", () => {
    expect(toNumber(sfloatOf(0x07fd))).toBe(2045);
    expect(toNumber(sfloatOf(0x0803))).toBe(-2045);
  });

  it("keeps its precision, and its number has no binary noise", () => {
    expect(sfloatOf(0xf014)).toEqual({ kind: "number", mantissa: 20, exponent: -1 });
    expect(toNumber(sfloatOf(0xf170))).toBe(36.8);
    expect(toNumber(sfloatOf(0xc038), 3)).toBe(5.6);
  });

  it("reaches from -2048e7 to 2047e7", () => {
    expect(toNumber(sfloatOf(0x7800))).toBe(-2048e7);
    expect(toNumber(sfloatOf(0x77ff))).toBe(2047e7);
    expect(toNumber(sfloatOf(0x8001))).toBe(1e-8);
  });
});

describe("a FLOAT", () => {
  it.each([
    [0x007fffff, "nan"],
    [0x00800000, "nres"],
    [0x007ffffe, "positive-infinity"],
    [0x00800002, "negative-infinity"],
    [0x00800001, "reserved"],
  ])("of 0x%s is no number but special", (bits, special) => {
    expect(floatOf(bits)).toEqual({ kind: "special", special });
  });

  it("with a special mantissa and another exponent than 0 is a number", () => {
    expect(toNumber(floatOf(0xff7fffff))).toBe(838_860.7);
    expect(toNumber(floatOf(0x01800000))).toBe(-83_886_080);
  });

  it("has an exponent of 8 bits with a sign", () => {
    expect(toNumber(floatOf(0x7f000001))).toBe(1e127);
    expect(toNumber(floatOf(0x80000001))).toBe(1e-128);
    expect(Object.is(toNumber(floatOf(0x80000000)), 0)).toBe(true);
  });
});

describe("the check values of number formats", () => {
  it.each([
    ["D2 04", 1234],
    ["14 F0", 2],
    ["C8 E0", 2],
    ["02 20", 200],
    ["2E 0B", -1234],
    ["BD F0", 18.9],
  ])("SFLOAT %s is %d", (octets, number) => {
    const value = decodeCuffPressure(hex(`00 ${octets} 00 00 00 00`)).pressure;
    expect(toNumber(value)).toBe(number);
  });

  it.each([
    ["14 00 00 FF", 2],
    ["2E FB FF 00", -1234],
  ])("FLOAT %s is %d", (octets, number) => {
    expect(toNumber(decodeTemperature(hex(`00 ${octets}`)).temperature)).toBe(number);
  });
});
