import { describe, expect, it } from "vitest";
import { encodeCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { codeOf } from "./testing/refusal.ts";

const ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
const TEXT = `example.com/behind-the-sofa\n20852163\n${ROOT}\n`;

describe("checkpoints", () => {
  it.each([
    ["the specification's example", TEXT],
    ["extension lines", `${TEXT}one\ntwo words\n`],
    ["no entries", `log\n0\n${ROOT}\n`],
    ["the largest size", `log\n9007199254740991\n${ROOT}\n`],
    ["an origin with spaces, which is not refused", `go.sum database tree\n1\n${ROOT}\n`],
  ])("are read and written with %s", (_, text) => {
    expect(encodeCheckpoint(parseCheckpoint(text))).toBe(text);
  });

  it.each([
    ["nothing", ""],
    ["a newline alone", "\n"],
    ["two lines", "log\n1\n"],
    ["no newline at the end", TEXT.slice(0, -1)],
    ["an empty origin", `\n1\n${ROOT}\n`],
    ["no size", `log\n\n${ROOT}\n`],
    ["a size with a leading zero", `log\n01\n${ROOT}\n`],
    ["a size with a sign", `log\n+1\n${ROOT}\n`],
    ["a size in hex", `log\n0x1\n${ROOT}\n`],
    ["a size with a space", `log\n1 \n${ROOT}\n`],
    ["a size from 2^53 on", `log\n9007199254740992\n${ROOT}\n`],
    ["a size of a word", `log\nmany\n${ROOT}\n`],
    ["no root", "log\n1\n\n"],
    ["a short root", "log\n1\nAAAA\n"],
    ["a long root", `log\n1\n${Buffer.alloc(33).toString("base64")}\n`],
    ["a root without padding", TEXT.replace("=", "")],
    ["a root with spare bits", TEXT.replace("q2I=", "q2J=")],
    ["a root of the other alphabet", TEXT.replace("om/X", "om_X")],
    ["an empty line at the end", `${TEXT}\n`],
    ["an empty line among extensions", `${TEXT}a\n\nb\n`],
    ["a tab", TEXT.replace("the", "\t")],
    ["a carriage return", TEXT.replace("163\n", "163\r\n")],
    ["half a surrogate pair", TEXT.replace("the", "\udc00")],
  ])("are refused with %s", (_, text) => {
    expect(codeOf(() => parseCheckpoint(text))).toBe("CHECKPOINT_MALFORMED");
  });

  it.each([
    ["an empty origin", { origin: "" }],
    ["an origin of two lines", { origin: "a\nb" }],
    ["a tab in the origin", { origin: "a\tb" }],
    ["a negative size", { size: -1 }],
    ["a size that is not whole", { size: 1.5 }],
    ["a size past 2^53", { size: 2 ** 53 }],
    ["a short root", { root: new Uint8Array(31) }],
    ["an empty extension", { extensions: [""] }],
    ["an extension of two lines", { extensions: ["a\nb"] }],
  ])("are not written with %s", (_, fault) => {
    expect(() => encodeCheckpoint({ ...parseCheckpoint(TEXT), ...fault })).toThrow(RangeError);
  });
});
