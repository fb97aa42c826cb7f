import {
  decodeRecordResponse,
  encodeRecordRequest,
  filterAfter,
  type RecordFilter,
} from "@siphms/gatt";
import { describe, expect, it } from "vitest";
import { hex } from "./testing/hex.ts";
import { refusal } from "./testing/refusal.ts";

describe("a request for records", () => {
  const filters: readonly (readonly [RecordFilter, string])[] = [
    [{ kind: "all" }, "01"],
    [{ kind: "from", sequence: 0xfffe }, "03 01 FE FF"],
    [{ kind: "range", first: 1, last: 258 }, "04 01 01 00 02 01"],
    [{ kind: "oldest" }, "05"],
    [{ kind: "newest" }, "06"],
  ];

  it.each(filters)("names its filter %o", (filter, octets) => {
    expect(encodeRecordRequest({ kind: "report", filter })).toEqual(hex(`01 ${octets}`));
    expect(encodeRecordRequest({ kind: "count", filter })).toEqual(hex(`04 ${octets}`));
  });

  it("can be taken back", () => {
    expect(encodeRecordRequest({ kind: "abort" })).toEqual(hex("03 00"));
  });

  it("never deletes", () => {
    const requests = filters.flatMap(([filter]) => [
      encodeRecordRequest({ kind: "report", filter }),
      encodeRecordRequest({ kind: "count", filter }),
    ]);
    for (const request of requests) expect(request[0]).not.toBe(2);
  });

  it.each([-1, 65_536, 1.5, Number.NaN])("is not made for number %d", (sequence) => {
    const filter: RecordFilter = { kind: "from", sequence };
    expect(() => encodeRecordRequest({ kind: "report", filter })).toThrow(RangeError);
  });

  it("is not made for a range that ends before it begins", () => {
    const filter: RecordFilter = { kind: "range", first: 2, last: 1 };
    expect(() => encodeRecordRequest({ kind: "report", filter })).toThrow(RangeError);
  });

  it("goes on behind what is stored, and asks for all where there is nothing behind", () => {
    expect(filterAfter(undefined)).toEqual({ kind: "all" });
    expect(filterAfter(37)).toEqual({ kind: "from", sequence: 38 });
    expect(filterAfter(65_534)).toEqual({ kind: "from", sequence: 65_535 });
    expect(filterAfter(65_535)).toEqual({ kind: "all" });
  });
});

describe("a response about records", () => {
  it.each([
    ["", "GATT_TOO_SHORT"],
    ["05", "GATT_TOO_SHORT"],
    ["05 00 02", "GATT_TOO_SHORT"],
    ["06 00 01", "GATT_TOO_SHORT"],
    ["05 00 02 00 00", "GATT_LENGTH"],
    ["06 00 01 01 00", "GATT_LENGTH"],
    ["05 01 02 00", "GATT_VALUE"],
    ["06 03 01 01", "GATT_VALUE"],
    ["01 00 01 01", "GATT_VALUE"],
    ["00 00 00 00", "GATT_VALUE"],
    ["07 00 01 01", "GATT_VALUE"],
    ["FF", "GATT_VALUE"],
  ])("is refused: %s", (octets, code) => {
    expect(refusal(() => decodeRecordResponse(hex(octets)))).toBe(code);
  });

  it("has nine results, and unknown ones", () => {
    const results = Array.from({ length: 11 }, (_, code) => {
      const response = decodeRecordResponse(Uint8Array.of(6, 0, 1, code));
      return response.kind === "result" ? response.result : undefined;
    });
    expect(results).toEqual([
      "unknown",
      "success",
      "op-code-not-supported",
      "invalid-operator",
      "operator-not-supported",
      "invalid-operand",
      "no-records",
      "abort-failed",
      "not-completed",
      "operand-not-supported",
      "unknown",
    ]);
  });

  it("counts in 16 bits", () => {
    expect(decodeRecordResponse(hex("05 00 01 02"))).toEqual({ kind: "count", count: 0x0201 });
  });
});
