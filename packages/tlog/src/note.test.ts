import { describe, expect, it } from "vitest";
import {
  encodeNote,
  MAX_NOTE_BYTES,
  MAX_NOTE_SIGNATURES,
  parseNote,
  parseSignatureLines,
} from "./note.ts";
import { codeOf } from "./testing/refusal.ts";

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const SIGNATURE = Buffer.from("\u0001\u0002\u0003\u0004five").toString("base64");
const LINE = `— example.com/k ${SIGNATURE}\n`;
const NOTE = `Some text.\n\n${LINE}`;

const codeOfNote = (text: string): unknown => codeOf(() => parseNote(bytesOf(text)));

describe("notes", () => {
  it("are a text and signatures", () => {
    expect(parseNote(bytesOf(NOTE))).toEqual({
      text: "Some text.\n",
      signatures: [
        { name: "example.com/k", keyId: 0x01020304, signature: Uint8Array.from(bytesOf("five")) },
      ],
    });
  });

  it.each([
    ["an empty line in the text", `a\n\nb\n\n${LINE}`, "a\n\nb\n"],
    ["empty lines at the text's end", `a\n\n\n\n${LINE}`, "a\n\n\n"],
    ["a text of one newline", `\n\n${LINE}`, "\n"],
    ["what looks like a signature in the text", `${LINE}\n${LINE}`, LINE],
    ["a byte order mark", `\ufeffa\n\n${LINE}`, "\ufeffa\n"],
    ["a character of two code units", `\u{1f331}\n\n${LINE}`, "\u{1f331}\n"],
    [
      "a delete and a C1 control character, which are not refused",
      `\u007f\u0085\n\n${LINE}`,
      "\u007f\u0085\n",
    ],
  ])("may have %s", (_, note, text) => {
    const parsed = parseNote(bytesOf(note));
    expect(parsed.text).toBe(text);
    expect(Buffer.from(encodeNote(parsed)).toString()).toBe(note);
  });

  it("are read with as many signatures as are allowed, the longest kind included", () => {
    const long = `— k ${Buffer.alloc(4 + 8 + 2420).toString("base64")}\n`;
    expect(parseNote(bytesOf(`a\n\n${long.repeat(MAX_NOTE_SIGNATURES)}`)).signatures).toHaveLength(
      MAX_NOTE_SIGNATURES,
    );
  });

  it.each([
    ["nothing", ""],
    ["no signatures", "Some text.\n"],
    ["no signatures behind the empty line", "Some text.\n\n"],
    ["no empty line", `Some text.\n${LINE}`],
    ["no newline before the empty line", `\n${LINE}`],
    ["no newline at the end", NOTE.slice(0, -1)],
    ["an empty line at the end", `${NOTE}\n`],
    ["a line between signatures", `${NOTE}x\n${LINE}`],
    ["a carriage return", NOTE.replace("text", "te\rxt")],
    ["carriage returns at line ends", NOTE.replaceAll("\n", "\r\n")],
    ["a tab", NOTE.replace("text", "te\txt")],
    ["a NUL", NOTE.replace("text", "te\0xt")],
    ["a hyphen for the dash", NOTE.replace("—", "-")],
    ["an en dash for the dash", NOTE.replace("—", "–")],
    ["no space behind the dash", NOTE.replace("— ", "—")],
    ["two spaces behind the dash", NOTE.replace("— ", "—  ")],
    ["a space before the dash", NOTE.replace("—", " —")],
    ["a wide space behind the dash", NOTE.replace("— ", "—\u00a0")],
    ["no key name", NOTE.replace("example.com/k", "")],
    ["a plus in the key name", NOTE.replace("/k", "+k")],
    ["a narrow space in the key name", NOTE.replace("/k", "\u2009k")],
    ["U+0085 in the key name", NOTE.replace("/k", "\u0085k")],
    ["two spaces behind the key name", NOTE.replace("/k ", "/k  ")],
    ["a space at a line's end", NOTE.replace(SIGNATURE, `${SIGNATURE} `)],
    ["no signature", NOTE.replace(` ${SIGNATURE}`, "")],
    ["an empty signature", NOTE.replace(SIGNATURE, "")],
    ["a key id without signature", NOTE.replace(SIGNATURE, "AQIDBA==")],
    ["base64 without padding", NOTE.replace(SIGNATURE, "AQIDBAU")],
    ["base64 with spare bits", NOTE.replace(SIGNATURE, "AQIDBAV=")],
    ["base64 of the other alphabet", NOTE.replace(SIGNATURE, "_-IDBAUG")],
    ["a second signature that is none", `${NOTE}— k !\n`],
  ])("are refused with %s", (_, note) => {
    expect(codeOfNote(note)).toBe("NOTE_MALFORMED");
  });

  it.each([
    ["a byte that begins nothing", [0xff]],
    ["an overlong form", [0xc0, 0x8a]],
    ["half a surrogate pair", [0xed, 0xa0, 0x80]],
    ["a cut character", [0xe2, 0x80]],
  ])("are refused with %s", (_, raw) => {
    const note = Buffer.concat([Buffer.from(raw), Buffer.from(NOTE)]);
    expect(codeOf(() => parseNote(note))).toBe("NOTE_MALFORMED");
  });

  it("are refused with too many signatures or bytes", () => {
    expect(codeOfNote(`a\n\n${LINE.repeat(MAX_NOTE_SIGNATURES + 1)}`)).toBe("NOTE_LIMIT");
    const fill = "a".repeat(MAX_NOTE_BYTES - bytesOf(NOTE).length);
    expect(codeOfNote(fill + NOTE)).toBeUndefined();
    expect(codeOfNote(`${fill}a${NOTE}`)).toBe("NOTE_LIMIT");
  });

  it("are written of nothing that could not be read", () => {
    const { text, signatures } = parseNote(bytesOf(NOTE));
    const [line] = signatures;
    for (const other of ["", "a", "a\n\t\n", "a\r\n", "\ud800\n"]) {
      expect(() => encodeNote({ text: other, signatures })).toThrow(RangeError);
    }
    expect(() => encodeNote({ text, signatures: [] })).toThrow(RangeError);
    for (const fault of [
      { name: "a b" },
      { name: "" },
      { keyId: -1 },
      { keyId: 2 ** 32 },
      { keyId: 0.5 },
      { signature: new Uint8Array() },
    ]) {
      expect(() => encodeNote({ text, signatures: [{ ...line!, ...fault }] })).toThrow(RangeError);
    }
  });

  it("have signature lines that are read alone, one at least", () => {
    expect(parseSignatureLines(LINE + LINE)).toHaveLength(2);
    expect(codeOf(() => parseSignatureLines(""))).toBe("NOTE_MALFORMED");
    expect(codeOf(() => parseSignatureLines("\n"))).toBe("NOTE_MALFORMED");
    expect(codeOf(() => parseSignatureLines(`${LINE}\n`))).toBe("NOTE_MALFORMED");
  });
});
