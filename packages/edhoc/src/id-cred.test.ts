import type { Bytes } from "@siphms/cose";
import { decodeCborSequence, fromHex, toHex } from "@siphms/cose";
import { describe, expect, it } from "vitest";
import type { IdCred } from "./id-cred.ts";
import { encodeCompactIdCred, encodeIdCred, parseCompactIdCred } from "./id-cred.ts";

function parse(hex: string): IdCred {
  return parseCompactIdCred(decodeCborSequence(fromHex(hex))[0]);
}

const CCS: Bytes = fromHex("a1026161");

describe("ID_CRED_x", () => {
  it.each([
    ["a kid of one small byte", { kind: "kid", kid: fromHex("2b") }, "2b", "a104412b"],
    ["a kid of one other byte", { kind: "kid", kid: fromHex("ff") }, "41ff", "a10441ff"],
    ["a kid of 8 bytes", { kind: "kid", kid: CCS }, "44a1026161", "a10444a1026161"],
    ["a CCS by value", { kind: "ccs", cred: CCS }, "a10ea1026161", "a10ea1026161"],
    ["x5t", { kind: "other", map: fromHex("a11822822e40") }, "a11822822e40", "a11822822e40"],
  ] as const)("as %s has one form in a plaintext and one in context and signature", (...row) => {
    const [, idCred, compact, map] = row;
    expect(toHex(encodeCompactIdCred(idCred))).toBe(compact);
    expect(toHex(encodeIdCred(idCred))).toBe(map);
    expect(parse(compact)).toEqual(idCred);
  });

  it.each([
    ["a lone kid as a map", "a104412b"],
    ["a lone kid of another type as a map", "a1042b"],
    ["a kid that has a shorter form", "412b"],
    ["an empty map", "a0"],
    ["an array", "80"],
    ["a text", "6161"],
    ["a large integer", "1818"],
  ])("is refused as %s", (_what, hex) => {
    expect(() => parse(hex)).toThrow(expect.objectContaining({ code: "EDHOC_MALFORMED" }));
  });

  it("with label 14 is a CCS only if that is all, and a map", () => {
    expect(parse("a10e40").kind).toBe("other");
    expect(parse("a20441220ea1026161").kind).toBe("other");
  });

  it("is refused when it is not there", () => {
    expect(() => parseCompactIdCred(undefined)).toThrow("EDHOC_MALFORMED");
  });
});
