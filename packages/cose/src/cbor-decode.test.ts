import {
  CoseError,
  decodeCbor,
  decodeCborSequence,
  encodeCbor,
  fromHex,
  toHex,
  type CborLimits,
} from "@siphms/cose";
import { describe, expect, it } from "vitest";

/** As Node's Buffer is: its `slice` does not copy. */
class BufferLike extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end);
  }
}

const refusal = (code: string) => expect.objectContaining({ name: "CoseError", code }) as Error;

describe("the CBOR decoder (SR-43)", () => {
  it("gives values as they are, maps in wire order", () => {
    const decoded = decodeCbor(fromHex("a4018302200a0243010203206161" + "6161f5"));
    expect(decoded).toEqual(
      new Map<number | string, unknown>([
        [1, [2, -1, 10]],
        [2, Uint8Array.of(1, 2, 3)],
        [-1, "a"],
        ["a", true],
      ]),
    );
    expect(decoded instanceof Map && [...decoded.keys()]).toEqual([1, 2, -1, "a"]);
  });

  it("gives byte strings that stay as they are when the input changes", () => {
    const input = fromHex("43010203");
    const value = decodeCbor(input);
    input.fill(0);
    expect(value).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("gives plain Uint8Arrays with a buffer of their own, whatever the input's class does", () => {
    const input = new BufferLike(fromHex("43010203").buffer);
    const value = decodeCbor(input);
    expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
    expect(value instanceof Uint8Array && value.buffer.byteLength).toBe(3);
    const item = decodeCborSequence(input)[0];
    expect(Object.getPrototypeOf(item?.raw)).toBe(Uint8Array.prototype);
    expect(item?.raw.buffer).not.toBe(input.buffer);
  });

  it("reads a view into a larger buffer, and nothing around it", () => {
    const buffer = fromHex("ffff8101ffff");
    expect(decodeCbor(buffer.subarray(2, 4))).toEqual([1]);
    expect(() => decodeCbor(buffer.subarray(2, 3))).toThrow(refusal("CBOR_MALFORMED"));
  });

  it("keeps a byte order mark that stands in a text", () => {
    expect(decodeCbor(fromHex("63efbbbf"))).toBe("\u{feff}");
    const long = `7838efbbbf${"61".repeat(53)}`;
    expect(decodeCbor(fromHex(long))).toBe(`\u{feff}${"a".repeat(53)}`);
  });

  it.each([
    ["an integer in two bytes that fits one", "1817"],
    ["an integer in three bytes that fits two", "1900ff"],
    ["an integer in five bytes that fits three", "1a0000ffff"],
    ["an integer in nine bytes that fits five", "1b00000000ffffffff"],
    ["a negative integer in two bytes that fits one", "3817"],
    ["a text length not in its shortest form", "780161"],
    ["an array length not in its shortest form", "980100"],
    ["a map size not in its shortest form", "b8010000"],
    ["2^53", "1b0020000000000000"],
    ["2^53 + 1, which a double rounds", "1b0020000000000001"],
    ["-(2^53)", "3b001fffffffffffff"],
    ["a byte string of 2^63 bytes", "5b8000000000000000"],
    ["a byte string one byte short", "430102"],
    ["a head that ends early", "1901"],
    ["a single-precision float", "fa3fc00000"],
    ["a simple value in two bytes", "f820"],
    ["the simple value 0", "e0"],
    ["tag 2, a big number", "c24101"],
    ["tag 18", "d280"],
    ["indefinite array", "9fff"],
    ["a break in the middle", "8201ff"],
    ["the same text key twice", "a2616101616102"],
    ["a long text key before a short one", "a262616101616202"],
    ["negative key before positive", "a220000000"],
    ["keys -2 before -1", "a221002000"],
    ["true as a map key", "a1f500"],
    ["a map as a map key", "a1a000"],
    ["a map whose last value is missing", "a10100".slice(0, 4)],
    ["UTF-8 that ends early", "61c3"],
    ["UTF-8 beyond U+10FFFF", "64f4908080"],
    ["UTF-8 continuation alone", "6180"],
    ["long text that is not UTF-8", `7832${"61".repeat(49)}ff`],
    ["two items", "0101"],
    ["a NUL behind the item", "a000"],
  ])("refuses %s", (_what, encoded) => {
    expect(() => decodeCbor(fromHex(encoded))).toThrow(refusal("CBOR_MALFORMED"));
  });

  it("refuses half a million nested arrays without running out of stack", () => {
    const deep = new Uint8Array(500_000).fill(0x81);
    const decoding = () => decodeCbor(deep, { maxBytes: 1_000_000 });
    expect(decoding).toThrow(refusal("CBOR_LIMIT"));
  });

  it.each<[string, Partial<CborLimits>, string, string]>([
    ["bytes", { maxBytes: 3 }, "820102", "83010203"],
    ["depth", { maxDepth: 2 }, "8181" + "01", "818180"],
    ["depth in maps", { maxDepth: 2 }, "a100a10000", "a100a100a0"],
    ["items of an array", { maxItems: 2 }, "820102", "83010203"],
    ["pairs of a map", { maxItems: 2 }, "a201010202", "a3010102020303"],
  ])("keeps the caller's limit of %s", (_what, limits, ...[within, beyond]) => {
    expect(() => decodeCbor(fromHex(within), limits)).not.toThrow();
    expect(() => decodeCbor(fromHex(beyond), limits)).toThrow(refusal("CBOR_LIMIT"));
    expect(() => decodeCborSequence(fromHex(beyond), limits)).toThrow(refusal("CBOR_LIMIT"));
  });

  it("takes 64 KiB, 8 deep and 4,096 items unless told otherwise, and no more", () => {
    const byteString = (bytes: number) => encodeCbor(new Uint8Array(bytes));
    expect(byteString(65_533).length).toBe(65_536);
    expect(() => decodeCbor(byteString(65_533))).not.toThrow();
    expect(() => decodeCbor(byteString(65_534))).toThrow(refusal("CBOR_LIMIT"));
    expect(() => decodeCbor(fromHex("81".repeat(7) + "80"))).not.toThrow();
    expect(() => decodeCbor(fromHex("81".repeat(8) + "80"))).toThrow(refusal("CBOR_LIMIT"));
    expect(() => decodeCbor(fromHex("991000" + "00".repeat(4096)))).not.toThrow();
    expect(() => decodeCbor(fromHex("991001" + "00".repeat(4097)))).toThrow(refusal("CBOR_LIMIT"));
  });

  it("tells nothing of the input in its errors", () => {
    const secret = fromHex("82666e6f626f6479ff");
    try {
      decodeCbor(secret);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CoseError);
      expect(error instanceof CoseError && error.message).not.toMatch(/nobody|6e6f/);
    }
  });
});

describe("the CBOR sequence decoder", () => {
  it("gives each item with the bytes that encoded it", () => {
    const items = decodeCborSequence(fromHex("0040a1010281" + "f6"));
    expect(items.map(({ raw }) => toHex(raw))).toEqual(["00", "40", "a10102", "81f6"]);
    expect(items.map(({ value }) => value)).toEqual([
      0,
      new Uint8Array(0),
      new Map([[1, 2]]),
      [null],
    ]);
  });

  it("gives no item for an empty input", () => {
    expect(decodeCborSequence(new Uint8Array(0))).toEqual([]);
  });

  it("gives raw bytes that stay as they are when the input changes", () => {
    const input = fromHex("820102");
    const [item] = decodeCborSequence(input);
    input.fill(0);
    expect(item?.raw).toEqual(fromHex("820102"));
  });

  it.each([
    ["an item that ends early", "0082"],
    ["a break between items", "00ff00"],
    ["an item that is not in its shortest form", "001800"],
  ])("refuses %s", (_what, encoded) => {
    expect(() => decodeCborSequence(fromHex(encoded))).toThrow(refusal("CBOR_MALFORMED"));
  });
});
