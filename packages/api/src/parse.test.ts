import { describe, expect, it } from "vitest";
import { apiSampleSchema, ApiError, operatorSampleSchema, parseApi } from "./index.ts";

const sample = {
  kind: "blood-pressure",
  at: 1_795_370_404_188,
  value: [120, 80, null],
  unit: "mmHg",
  origin: "sensor",
  state: "stored",
  device: "AAAAAAAAAAA",
  messageId: "AAAAAAAAAAAAAAAAAAAAAA",
};

describe("parseApi", () => {
  it("takes what its schema says, and leaves it as it is", () => {
    const before = structuredClone(sample);
    expect(parseApi(apiSampleSchema, sample)).toBe(sample);
    expect(sample).toEqual(before);
  });

  it.each<[string, unknown]>([
    ["an unknown member", { ...sample, note: "x" }],
    ["a missing member", { ...sample, unit: undefined }],
    ["an unknown kind", { ...sample, kind: "mood" }],
    ["a time before 1970", { ...sample, at: -1 }],
    ["a time with a fraction", { ...sample, at: 1.5 }],
    ["a time beyond 2^53", { ...sample, at: 2 ** 53 }],
    ["a number as text", { ...sample, value: "72" }],
    ["two of three pressures", { ...sample, value: [120, 80] }],
    ["an unknown state", { ...sample, state: "fine" }],
    ["null", null],
    ["a list", [sample]],
  ])("refuses %s", (_what, value) => {
    expect(() => parseApi(apiSampleSchema, value)).toThrow(ApiError);
  });

  it("says nothing of the value that it refuses", () => {
    expect(() => parseApi(apiSampleSchema, { ...sample, unit: 7, note: "Ada Invented" })).toThrow(
      expect.objectContaining({
        code: "API_MALFORMED",
        message: expect.not.stringContaining("Ada") as string,
      }),
    );
  });

  it("refuses in an operator's line what only the console gets", () => {
    const { kind, at, value, unit, origin, state } = sample;
    const line = { kind, at, value, unit, origin, state };
    expect(parseApi(operatorSampleSchema, line)).toBe(line);
    expect(() => parseApi(operatorSampleSchema, sample)).toThrow(ApiError);
  });
});
