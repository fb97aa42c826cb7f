import { formatPreferWait, isEnvelopeMediaType, MEDIA_TYPES, parsePreferWait } from "@siphms/relay";
import { describe, expect, it } from "vitest";

describe("Prefer: wait", () => {
  it.each([
    ["wait=10", 10],
    ["wait=0", 0],
    ["respond-async, wait=7", 7],
    ["Wait = 5", 5],
    ['wait="12"', 12],
    ["wait=3; foo=bar", 3],
    ["wait=4, wait=9", 4],
    ["wait=31", 30],
    ["wait=999999999", 30],
  ])("reads %s as %i seconds", (header, seconds) => {
    expect(parsePreferWait(header)).toBe(seconds);
  });

  it.each([
    ["no header", undefined],
    ["an empty header", ""],
    ["no number", "wait"],
    ["a negative number", "wait=-1"],
    ["a fraction", "wait=1.5"],
    ["a number without end", `wait=${"9".repeat(400)}`],
    ["another preference that ends so", "await=10"],
    ["half a quotation", 'wait="10'],
  ])("takes %s for no wish to wait", (_what, header) => {
    expect(parsePreferWait(header)).toBe(0);
  });

  it("is written so that it reads the same", () => {
    expect([0, 1, 30].map((seconds) => parsePreferWait(formatPreferWait(seconds)))).toEqual([
      0, 1, 30,
    ]);
  });

  it.each([-1, 31, 1.5, NaN])("is not written for %d", (seconds) => {
    expect(() => formatPreferWait(seconds)).toThrow(RangeError);
  });
});

describe("the envelope's media type", () => {
  it.each([
    MEDIA_TYPES.envelope,
    "application/cose;cose-type=cose-encrypt0",
    'Application/COSE ; COSE-Type="cose-encrypt0"',
  ])("is recognised in %s", (header) => {
    expect(isEnvelopeMediaType(header)).toBe(true);
  });

  it.each([
    undefined,
    "application/cose",
    'application/cose; cose-type="cose-sign1"',
    'application/cose; cose-type="cose-encrypt0',
    "application/cose; cose-type=cose-encrypt0; charset=utf-8",
    "application/cbor; cose-type=cose-encrypt0",
  ])("is not recognised in %s", (header) => {
    expect(isEnvelopeMediaType(header)).toBe(false);
  });
});
