import { beforeAll, describe, expect, it } from "vitest";
import { cosignCheckpoint } from "./cosignature.ts";
import { createWebEd25519, type NoteSigner } from "./ed25519.ts";
import type { NoteSignature, SignedNote } from "./note.ts";
import { createLogWorld, type LogWorld } from "./testing/log-world.ts";
import { numberedLeaves } from "./testing/reference-tree.ts";
import { codeOf, codeOfPromise } from "./testing/refusal.ts";
import { turnBit, unsafeSigner } from "./testing/signer.ts";
import { verifyNote } from "./verify-note.ts";
import {
  addCosignatures,
  encodeCosignaturesAnswer,
  encodeSizeAnswer,
  parseWitnessAnswer,
  TREE_SIZE_MEDIA_TYPE,
} from "./witness-answer.ts";

const ED25519 = createWebEd25519();

let log: LogWorld;
let witness: NoteSigner;
let note: SignedNote;
let line: NoteSignature;

beforeAll(async () => {
  log = await createLogWorld("log.example", numberedLeaves(10));
  witness = await unsafeSigner("cosignature", "witness.example");
  note = await log.checkpoint(10);
  line = await cosignCheckpoint({ text: note.text, timestampS: 1_700_000_000 }, witness);
});

const answer = (status: number, body: string | Uint8Array, mediaType = ""): (() => unknown) => {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return () => parseWitnessAnswer({ status, mediaType, body: bytes });
};

describe("a witness's answer", () => {
  it("with status 200 is its cosignatures", () => {
    const body = encodeCosignaturesAnswer([line]);
    const parsed = parseWitnessAnswer({ status: 200, mediaType: "text/plain", body });
    expect(parsed).toEqual({ kind: "cosigned", signatures: [line] });
  });

  it("with status 409 is the size that it holds", () => {
    const body = encodeSizeAnswer(20_852_014);
    expect(Buffer.from(body).toString()).toBe("20852014\n");
    expect(parseWitnessAnswer({ status: 409, mediaType: TREE_SIZE_MEDIA_TYPE, body })).toEqual({
      kind: "conflict",
      size: 20_852_014,
    });
  });

  it.each([201, 204, 301, 400, 403, 404, 422, 429, 500])(
    "with status %i is a refusal",
    (status) => {
      expect(answer(status, "whatever")()).toEqual({ kind: "refused", status });
    },
  );

  it.each([
    ["no body", 200, ""],
    ["a line that is no signature", 200, "cosigned\n"],
    ["no newline at the end", 200, "— w AQIDBAUG"],
    ["an empty line", 200, "— w AQIDBAUG\n\n"],
    ["a whole note", 200, "log\n\n— w AQIDBAUG\n"],
    ["too many signatures", 200, "— w AQIDBAUG\n".repeat(65)],
    ["too many bytes", 200, "x".repeat(300_000)],
    ["no UTF-8", 200, Uint8Array.of(0xff, 0x0a)],
    ["no body", 409, ""],
    ["a size without newline", 409, "7"],
    ["a size with a leading zero", 409, "07\n"],
    ["a negative size", 409, "-7\n"],
    ["two sizes", 409, "7\n8\n"],
    ["a carriage return", 409, "7\r\n"],
    ["words", 409, "Conflict\n"],
  ])("is refused with %s at status %i", (_, status, body) => {
    expect(codeOf(answer(status, body, TREE_SIZE_MEDIA_TYPE))).toBe("WITNESS_ANSWER_MALFORMED");
  });

  it("is refused when a 409 has not the size's media type", () => {
    for (const mediaType of ["", "text/plain", "text/x.tlog.size; charset=utf-8"]) {
      expect(codeOf(answer(409, "7\n", mediaType))).toBe("WITNESS_ANSWER_MALFORMED");
    }
  });

  it("is not written with nothing, or with a size that is none", () => {
    expect(() => encodeCosignaturesAnswer([])).toThrow(RangeError);
    expect(() => encodeSizeAnswer(-1)).toThrow(RangeError);
  });
});

describe("adding cosignatures to a checkpoint", () => {
  const add = (signatures: readonly NoteSignature[], to = note): Promise<SignedNote> =>
    addCosignatures({ note: to, signatures }, [witness.key], ED25519);

  it("adds those of the witness and drops those of strangers", async () => {
    const stranger = await unsafeSigner("cosignature", "witness.example");
    const other = await cosignCheckpoint({ text: note.text, timestampS: 7 }, stranger);
    const added = await add([other, line]);
    expect(added.signatures).toEqual([...note.signatures, line]);
    expect(await verifyNote(added, [log.signer.key, witness.key], ED25519)).toHaveLength(2);
  });

  it("puts a new cosignature in an old one's place", async () => {
    const later = await cosignCheckpoint({ text: note.text, timestampS: 1_700_000_060 }, witness);
    expect((await add([later], await add([line]))).signatures).toEqual([...note.signatures, later]);
  });

  it("refuses a bad one, one of another checkpoint, and none", async () => {
    const bad = { ...line, signature: turnBit(line.signature, 20) };
    expect(await codeOfPromise(add([bad]))).toBe("NOTE_UNAUTHENTIC");
    expect(await codeOfPromise(add([line, bad]))).toBe("NOTE_UNAUTHENTIC");
    expect(await codeOfPromise(add([line], await log.checkpoint(9)))).toBe("NOTE_UNAUTHENTIC");
    expect(await codeOfPromise(add([]))).toBe("NOTE_UNSIGNED");
    expect(await codeOfPromise(add(note.signatures))).toBe("NOTE_UNSIGNED");
  });
});
