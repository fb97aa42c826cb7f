import { describe, expect, it } from "vitest";
import {
  encodeEvidence,
  EvidenceError,
  MAX_EVIDENCE_CHARACTERS,
  parseEvidence,
  parseEvidenceText,
  parseStatement,
} from "./index.ts";

const bytes = Uint8Array.of(1, 2, 3);
const parts = {
  device: bytes,
  hospital: [bytes],
  message: bytes,
  receipt: bytes,
  statement: bytes,
};
const file = encodeEvidence(parts);
const malformed: unknown = expect.objectContaining({ code: "EVIDENCE_MALFORMED" });

describe("an evidence file", () => {
  it("comes back as it was", () => {
    expect(parseEvidenceText(JSON.stringify(file))).toEqual(parts);
  });

  it.each<[string, unknown]>([
    ["no object", "text"],
    ["a list", [file]],
    ["null", null],
    ["another version", { ...file, format: "siphms-evidence-2" }],
    ["no format", { ...file, format: undefined }],
    ["a member that there is not", { ...file, note: "trust me" }],
    ["no message", { ...file, message: undefined }],
    ["an empty receipt", { ...file, receipt: "" }],
    ["a number for the device", { ...file, device: 7 }],
    ["padding", { ...file, device: "AQID=" }],
    ["another alphabet", { ...file, device: "AQ+/" }],
    ["bits that stand for nothing", { ...file, device: "AR" }],
    ["no key of the hospital", { ...file, hospital: [] }],
    ["a hospital's key that is no list", { ...file, hospital: "AQID" }],
    ["more keys than can have signed", { ...file, hospital: ["AQ", "Ag", "Aw", "BA"] }],
  ])("is refused with %s", (_what, value) => {
    expect(() => parseEvidence(value)).toThrow(malformed);
  });

  it.each([
    ["is no JSON", "{"],
    ["is longer than any", " ".repeat(MAX_EVIDENCE_CHARACTERS + 1)],
  ])("is refused where its text %s", (_what, text) => {
    expect(() => parseEvidenceText(text)).toThrow(malformed);
  });

  it("names what is wrong and nothing that is in it", () => {
    const secret = { ...file, message: "Ada Invented" };
    expect(() => parseEvidence(secret)).toThrow(new EvidenceError("message"));
  });
});

describe("a statement", () => {
  it.each([
    ["nothing", Uint8Array.of()],
    ["no map", Uint8Array.of(0x80)],
    ["an empty map", Uint8Array.of(0xa0)],
    ["a member that there is not", Uint8Array.of(0xa1, 0x18, 0x63, 0x00)],
  ])("is refused with %s", (_what, payload) => {
    expect(() => parseStatement(payload)).toThrow(malformed);
  });
});
