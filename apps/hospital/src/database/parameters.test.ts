import { describe, expect, it } from "vitest";
import { toParameter } from "./parameters.ts";

describe("a parameter", () => {
  it("is handed to the driver as it is where it is a single value", () => {
    for (const value of ["text", 5, 5n, true, null]) expect(toParameter(value)).toBe(value);
  });

  it("is a view where it is bytes", () => {
    const bytes = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
    const sent = toParameter(bytes);
    expect(Buffer.isBuffer(sent)).toBe(true);
    expect(sent).toEqual(Buffer.from([1, 2]));
  });

  it("is PostgreSQL's binary form where it is an array of bytes", () => {
    expect(toParameter([new Uint8Array([1, 2]), null, new Uint8Array()])).toEqual(
      Buffer.from(
        [
          ...["00000001", "00000001", "00000011", "00000003", "00000001"],
          ...["00000002", "0102", "ffffffff", "00000000"],
        ].join(""),
        "hex",
      ),
    );
  });

  it.each<[string, readonly (string | null)[] | readonly (number | null)[] | readonly boolean[]]>([
    ["{}", []],
    ["{1,-2,9007199254740991}", [1, -2, Number.MAX_SAFE_INTEGER]],
    ["{NULL,1}", [null, 1]],
    ["{NULL,NULL}", [null, null]],
    ["{true,false}", [true, false]],
    ["{readings.stored,device:00ff}", ["readings.stored", "device:00ff"]],
    ['{"null","NULL"}', ["null", "NULL"]],
    ['{""," "}', ["", " "]],
    ['{"{a,b}"}', ["{a,b}"]],
    ['{"say \\"hi\\"","back\\\\slash"}', ['say "hi"', "back\\slash"]],
    ['{"{\\"a\\":1}"}', ['{"a":1}']],
    ['{"line\nbreak","ä"}', ["line\nbreak", "ä"]],
  ])("is the text %s where it is that array", (text, items) => {
    expect(toParameter(items)).toBe(text);
  });

  it("is refused where an array mixes bytes and others", () => {
    const mixed: unknown = ["text", new Uint8Array(1)];
    expect(() => toParameter(mixed as readonly string[])).toThrow(TypeError);
  });
});
