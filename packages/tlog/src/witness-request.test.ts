import { describe, expect, it } from "vitest";
import { codeOf } from "./testing/refusal.ts";
import {
  encodeAddCheckpoint,
  MAX_ADD_CHECKPOINT_BYTES,
  MAX_PROOF_HASHES,
  parseAddCheckpoint,
} from "./witness-request.ts";

const HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
const NOTE = `log.example\n7\n${HASH}\n\n— log.example AQIDBAUG\n`;
const BODY = `old 3\n${HASH}\n${HASH}\n\n${NOTE}`;

const codeOfBody = (body: string): unknown => codeOf(() => parseAddCheckpoint(Buffer.from(body)));

describe("the body of add-checkpoint", () => {
  it("is read and written with the same bytes", () => {
    const request = parseAddCheckpoint(Buffer.from(BODY));
    expect(request).toMatchObject({ oldSize: 3, checkpoint: { origin: "log.example", size: 7 } });
    expect(request.proof).toHaveLength(2);
    expect(Buffer.from(encodeAddCheckpoint(request)).toString()).toBe(BODY);
  });

  it("may have no proof, or one of 63 hashes, and no more", () => {
    expect(codeOfBody(`old 0\n\n${NOTE}`)).toBeUndefined();
    expect(codeOfBody(`old 1\n${`${HASH}\n`.repeat(MAX_PROOF_HASHES)}\n${NOTE}`)).toBeUndefined();
    expect(codeOfBody(`old 1\n${`${HASH}\n`.repeat(MAX_PROOF_HASHES + 1)}\n${NOTE}`)).toBe(
      "WITNESS_REQUEST_MALFORMED",
    );
  });

  it.each([
    ["nothing", ""],
    ["the checkpoint alone", NOTE],
    ["no old size", `\n${NOTE}`],
    ["another word", BODY.replace("old", "new")],
    ["an upper-case word", BODY.replace("old", "Old")],
    ["no space", BODY.replace("old 3", "old3")],
    ["two spaces", BODY.replace("old 3", "old  3")],
    ["a space behind", BODY.replace("old 3", "old 3 ")],
    ["a tab", BODY.replace("old 3", "old\t3")],
    ["a leading zero", BODY.replace("old 3", "old 03")],
    ["a negative size", BODY.replace("old 3", "old -3")],
    ["a size from 2^53 on", BODY.replace("old 3", "old 9007199254740992")],
    ["a carriage return", BODY.replace("old 3\n", "old 3\r\n")],
    ["a line in front", `\n${BODY}`],
    ["a short hash", BODY.replace(HASH, "AAAA")],
    ["a hash without padding", BODY.replace(`${HASH}\n`, `${HASH.slice(0, -1)}\n`)],
    ["two hashes on a line", BODY.replace(`${HASH}\n${HASH}`, `${HASH} ${HASH}`)],
    ["no empty line", "old 3\n"],
    ["more than is ever sent", "x".repeat(MAX_ADD_CHECKPOINT_BYTES + 1)],
  ])("is refused with %s", (_, body) => {
    expect(codeOfBody(body)).toBe("WITNESS_REQUEST_MALFORMED");
  });

  it("is refused with bytes that are no UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from(BODY), Buffer.of(0xff)]);
    expect(codeOf(() => parseAddCheckpoint(bytes))).toBe("WITNESS_REQUEST_MALFORMED");
  });

  it.each([
    ["an unsigned checkpoint", BODY.slice(0, BODY.indexOf("\n\n—")), "NOTE_MALFORMED"],
    [
      "no empty line before the checkpoint",
      BODY.replace("\n\nlog", "\nlog"),
      "WITNESS_REQUEST_MALFORMED",
    ],
    [
      "two empty lines before the checkpoint",
      BODY.replace("\n\nlog", "\n\n\nlog"),
      "CHECKPOINT_MALFORMED",
    ],
    ["a note that is no checkpoint", BODY.replace("\n7\n", "\nseven\n"), "CHECKPOINT_MALFORMED"],
    ["too many signatures", BODY + "— log.example AQIDBAUG\n".repeat(64), "NOTE_LIMIT"],
  ])("is refused with %s", (_, body, code) => {
    expect(codeOfBody(body)).toBe(code);
  });

  it("is not written with what could not be read", () => {
    const request = parseAddCheckpoint(Buffer.from(BODY));
    for (const fault of [
      { oldSize: -1 },
      { oldSize: 2 ** 53 },
      { proof: [new Uint8Array(31)] },
      { proof: Array.from({ length: 64 }, () => new Uint8Array(32)) },
      { note: { text: "x", signatures: request.note.signatures } },
    ]) {
      expect(() => encodeAddCheckpoint({ ...request, ...fault })).toThrow(RangeError);
    }
  });
});
