import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { encodeEntryBundle, parseEntryBundle } from "./entry-bundle.ts";
import { encodeLogProof, parseLogProof } from "./log-proof.ts";
import { encodeNote, parseNote } from "./note.ts";
import { parsePolicy } from "./parse-policy.ts";
import { codeOf } from "./testing/refusal.ts";
import { fromUtf8, toUtf8 } from "./text.ts";
import { entryBundlePath, parseEntryBundlePath, parseTilePath, tilePath } from "./tile.ts";
import { createVerifierKey, encodeVerifierKey, parseVerifierKey } from "./verifier-key.ts";
import { encodeSizeAnswer, parseWitnessAnswer, TREE_SIZE_MEDIA_TYPE } from "./witness-answer.ts";
import { encodeAddCheckpoint, parseAddCheckpoint } from "./witness-request.ts";

const HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
const NOTE = `log.example\n7\n${HASH}\n\n— log.example AQIDBAUG\n— w.example AQIDBAUG\n`;
const LOG_KEY = encodeVerifierKey(createVerifierKey("ed25519", "log", new Uint8Array(32)));
const WITNESS_KEY = encodeVerifierKey(createVerifierKey("cosignature", "w", new Uint8Array(32)));

const asText = (bytes: Uint8Array): string => fromUtf8(bytes) ?? "\ufffd";

/** Each parser with an input that it takes, and with what writes what it read. Without a writer the form is not one alone. */
const PARSERS: readonly {
  readonly name: string;
  readonly good: Uint8Array;
  readonly rewrite: (bytes: Uint8Array) => Uint8Array | undefined;
}[] = [
  { name: "note", good: toUtf8(NOTE), rewrite: (bytes) => encodeNote(parseNote(bytes)) },
  {
    name: "checkpoint",
    good: toUtf8(`log.example\n7\n${HASH}\n`),
    rewrite: (bytes) => toUtf8(encodeCheckpoint(parseCheckpoint(asText(bytes)))),
  },
  {
    name: "verifier key",
    good: toUtf8(LOG_KEY),
    rewrite: (bytes) => toUtf8(encodeVerifierKey(parseVerifierKey(asText(bytes)))),
  },
  {
    name: "witness request",
    good: toUtf8(`old 3\n${HASH}\n\n${NOTE}`),
    rewrite: (bytes) => encodeAddCheckpoint(parseAddCheckpoint(bytes)),
  },
  {
    name: "witness answer",
    good: toUtf8("20852163\n"),
    rewrite: (body) => {
      const answer = parseWitnessAnswer({ status: 409, mediaType: TREE_SIZE_MEDIA_TYPE, body });
      return answer.kind === "conflict" ? encodeSizeAnswer(answer.size) : undefined;
    },
  },
  {
    name: "proof of logging",
    good: toUtf8(`c2sp.org/tlog-proof@v1\nextra AQID\nindex 3\n${HASH}\n\n${NOTE}`),
    rewrite: (bytes) => encodeLogProof(parseLogProof(bytes)),
  },
  {
    name: "tile path",
    good: toUtf8("tile/1/x001/234.p/17"),
    rewrite: (bytes) => toUtf8(tilePath(parseTilePath(asText(bytes)))),
  },
  {
    name: "entry bundle path",
    good: toUtf8("tile/entries/x001/234.p/17"),
    rewrite: (bytes) => toUtf8(entryBundlePath(parseEntryBundlePath(asText(bytes)))),
  },
  {
    name: "entry bundle",
    good: Uint8Array.of(0, 2, 7, 8, 0, 0, 0, 1, 9),
    rewrite: (bytes) => encodeEntryBundle(parseEntryBundle(new Uint8Array(bytes), 3)),
  },
  {
    name: "policy",
    good: toUtf8(`log ${LOG_KEY}\nwitness w ${WITNESS_KEY}\ngroup g any w\nquorum g\n`),
    rewrite: (bytes) => {
      parsePolicy(bytes);
      return undefined;
    },
  },
];

/** A change of a few bytes: replaced, cut out, put in, or doubled. */
const edit = fc.record({
  at: fc.nat({ max: 500 }),
  cut: fc.nat({ max: 3 }),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc.constantFrom("\n", "\n\n", " ", "0", "=", "— ", "\r\n", "+", "\u00a0").map(toUtf8),
  ),
});

function edited(
  good: Uint8Array,
  edits: readonly { at: number; cut: number; put: Uint8Array }[],
): Uint8Array {
  return edits.reduce((bytes, { at, cut, put }) => {
    const from = at % (bytes.length + 1);
    return Buffer.concat([bytes.slice(0, from), put, bytes.slice(from + cut)]);
  }, good);
}

describe.each(PARSERS)("the parser of a $name", ({ good, rewrite }) => {
  const check = (bytes: Uint8Array): void => {
    let written: Uint8Array | undefined;
    const code = codeOf(() => {
      written = rewrite(bytes);
    });
    if (code !== undefined || written === undefined) return;
    expect(Buffer.from(written).equals(bytes)).toBe(true);
  };

  it("takes a good one", () => {
    const written = rewrite(good);
    if (written !== undefined) expect(Buffer.from(written).equals(good)).toBe(true);
  });

  it("gives, of any bytes, a value that is written with the same bytes, or the package's error", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check), { numRuns: 300 });
  });

  it("gives the same of a good one that is altered in a few places", () => {
    const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(edits, (list) => check(edited(good, list))),
      { numRuns: 1000 },
    );
  });

  it("leaves the bytes as they were", () => {
    const before = good.slice();
    rewrite(good);
    expect(good).toEqual(before);
  });
});
