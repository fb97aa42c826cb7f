import { beforeAll, describe, expect, it } from "vitest";
import { encodeCheckpoint } from "./checkpoint.ts";
import { cosignCheckpoint } from "./cosignature.ts";
import { createWebEd25519, type NoteSigner } from "./ed25519.ts";
import { emptyRoot } from "./hash.ts";
import { encodeNote, parseNote, type NoteSignature, type SignedNote } from "./note.ts";
import { codeOfPromise } from "./testing/refusal.ts";
import { turnBit, unsafeSigner } from "./testing/signer.ts";
import type { TlogErrorCode } from "./tlog-error.ts";
import { createVerifierKey, type VerifierKey } from "./verifier-key.ts";
import { signNote, verifyNote } from "./verify-note.ts";

const ED25519 = createWebEd25519();
const TEXT = encodeCheckpoint({
  origin: "log.example",
  size: 0,
  root: emptyRoot(),
  extensions: [],
});

let log: NoteSigner;
let other: NoteSigner;
let witness: NoteSigner;
let note: SignedNote;
let cosigned: SignedNote;

async function withCosignature(of: SignedNote, timestampS: number): Promise<SignedNote> {
  const line = await cosignCheckpoint({ text: of.text, timestampS }, witness);
  return { ...of, signatures: [...of.signatures, line] };
}

/** The note with its line of the given place altered. */
function altered(of: SignedNote, at: number, change: Partial<NoteSignature>): SignedNote {
  const signatures = of.signatures.map((line, place) =>
    place === at ? { ...line, ...change } : line,
  );
  return { ...of, signatures };
}

const codeWith = (of: SignedNote, ...keys: VerifierKey[]): Promise<TlogErrorCode | undefined> =>
  codeOfPromise(verifyNote(of, keys, ED25519));

beforeAll(async () => {
  log = await unsafeSigner("ed25519", "log.example");
  other = await unsafeSigner("ed25519", "other.example");
  witness = await unsafeSigner("cosignature", "witness.example");
  note = await signNote({ text: TEXT, signatures: [] }, log);
  cosigned = await withCosignature(note, 1_700_000_000);
});

describe("verifying a note", () => {
  it("names the known keys that signed, through writing and reading", async () => {
    const read = parseNote(encodeNote(cosigned));
    expect(await verifyNote(read, [log.key, other.key, witness.key], ED25519)).toEqual([
      { key: log.key, timestampS: undefined },
      { key: witness.key, timestampS: 1_700_000_000 },
    ]);
  });

  it("ignores signatures of keys that are not known", async () => {
    const both = await signNote(note, other);
    expect(await verifyNote(both, [other.key], ED25519)).toHaveLength(1);
    const broken = altered(both, 0, { signature: new Uint8Array(5) });
    expect(await verifyNote(broken, [other.key], ED25519)).toHaveLength(1);
  });

  it("ignores a signature that shares only the name or only the key id with a known key", async () => {
    const both = await signNote(note, other);
    const namesake = altered(both, 0, { keyId: log.key.keyId ^ 1 });
    const sameId = altered(both, 0, { name: "stranger.example" });
    for (const strange of [namesake, sameId]) {
      expect(await verifyNote(strange, [log.key, other.key], ED25519)).toEqual([
        { key: other.key, timestampS: undefined },
      ]);
      expect(await codeWith(strange, log.key)).toBe("NOTE_UNSIGNED");
    }
  });

  it("refuses a note that no known key signed", async () => {
    expect(await codeWith(note, other.key)).toBe("NOTE_UNSIGNED");
    expect(await codeWith(note)).toBe("NOTE_UNSIGNED");
    expect(await codeWith({ text: TEXT, signatures: [] }, log.key)).toBe("NOTE_UNSIGNED");
  });

  it("refuses any altered text", async () => {
    for (const text of [TEXT.replace("\n0\n", "\n1\n"), `${TEXT}x\n`, TEXT.slice(1)]) {
      expect(await codeWith({ ...note, text }, log.key)).toBe("NOTE_UNAUTHENTIC");
      expect(await codeWith({ ...cosigned, text }, witness.key)).toBe("NOTE_UNAUTHENTIC");
    }
  });

  it("refuses a signature with any one bit turned", async () => {
    const [line] = note.signatures;
    for (let at = 0; at < 64; at++) {
      const signature = turnBit(line!.signature, at, at % 8);
      expect(await codeWith(altered(note, 0, { signature }), log.key)).toBe("NOTE_UNAUTHENTIC");
    }
  });

  it("refuses a cosignature with any one bit turned, those of its time included", async () => {
    const line = cosigned.signatures[1]!;
    for (let at = 0; at < 72; at++) {
      const signature = turnBit(line.signature, at, at % 8);
      expect(await codeWith(altered(cosigned, 1, { signature }), log.key, witness.key)).toBe(
        "NOTE_UNAUTHENTIC",
      );
    }
  });

  it("refuses signatures of another length", async () => {
    for (const length of [1, 63, 65, 72]) {
      const signature = new Uint8Array(length);
      expect(await codeWith(altered(note, 0, { signature }), log.key)).toBe("NOTE_UNAUTHENTIC");
    }
    for (const length of [8, 64, 71, 73]) {
      const signature = new Uint8Array(length).fill(1);
      expect(await codeWith(altered(cosigned, 1, { signature }), witness.key)).toBe(
        "NOTE_UNAUTHENTIC",
      );
    }
  });

  it("refuses the whole note for one bad signature of a known key, also beside a good one of the same key", async () => {
    const both = await signNote(note, other);
    const bad = altered(both, 1, { signature: new Uint8Array(64) });
    expect(await codeWith(bad, log.key, other.key)).toBe("NOTE_UNAUTHENTIC");
    const twice = { ...note, signatures: [...note.signatures, ...note.signatures] };
    expect(await codeWith(twice, log.key)).toBeUndefined();
    const oneBad = altered(twice, 1, { signature: new Uint8Array(64) });
    expect(await codeWith(oneBad, log.key)).toBe("NOTE_UNAUTHENTIC");
  });

  it("counts a key once that signed twice, with its latest time", async () => {
    const again = await withCosignature(await withCosignature(cosigned, 1_700_000_060), 5);
    expect(await verifyNote(again, [witness.key], ED25519)).toEqual([
      { key: witness.key, timestampS: 1_700_000_060 },
    ]);
  });

  it("does not take a plain signature for a cosignature, nor the other way", async () => {
    const { name, publicKey } = log.key;
    const asCosigner = createVerifierKey("cosignature", name, publicKey);
    const relabelled = altered(note, 0, { keyId: asCosigner.keyId });
    expect(await codeWith(relabelled, asCosigner)).toBe("NOTE_UNAUTHENTIC");
    const asPlain = createVerifierKey("ed25519", witness.key.name, witness.key.publicKey);
    const signature = cosigned.signatures[1]!.signature.slice(8);
    const stripped = altered(cosigned, 1, { keyId: asPlain.keyId, signature });
    expect(await codeWith(stripped, asPlain)).toBe("NOTE_UNAUTHENTIC");
  });

  it("knows a cosigner's signature under a checkpoint alone", async () => {
    const free = { ...cosigned, text: "Not a checkpoint.\n" };
    expect(await codeWith(free, witness.key)).toBe("CHECKPOINT_MALFORMED");
  });

  it("takes no two keys that a line could mean", async () => {
    await expect(verifyNote(note, [log.key, log.key], ED25519)).rejects.toThrow(RangeError);
  });
});

describe("signing a note", () => {
  it("replaces the signer's own signature and keeps those of others", async () => {
    const both = await signNote(await signNote(note, other), log);
    expect(both.signatures.map(({ name }) => name)).toEqual(["other.example", "log.example"]);
    expect(await codeWith(both, log.key, other.key)).toBeUndefined();
  });

  it("leaves the note as it was that it is given", async () => {
    const before = structuredClone(note);
    await signNote(note, other);
    expect(note).toEqual(before);
  });

  it("is not for a cosigner's key, and cosigning not for another", async () => {
    await expect(signNote(note, witness)).rejects.toThrow(RangeError);
    await expect(cosignCheckpoint({ text: TEXT, timestampS: 1 }, log)).rejects.toThrow(RangeError);
  });

  it("signs no text that could not be written", async () => {
    for (const text of ["", "a", "a\tb\n", "\ud800\n"]) {
      await expect(signNote({ text, signatures: [] }, log)).rejects.toThrow(RangeError);
    }
  });

  it("cosigns nothing but a checkpoint, at a time that can be", async () => {
    const text = "Not a checkpoint.\n";
    expect(await codeOfPromise(cosignCheckpoint({ text, timestampS: 1 }, witness))).toBe(
      "CHECKPOINT_MALFORMED",
    );
    for (const timestampS of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      await expect(cosignCheckpoint({ text: TEXT, timestampS }, witness)).rejects.toThrow(
        RangeError,
      );
    }
  });

  it("refuses a signer that gives no signature of 64 bytes", async () => {
    const sign = (): Promise<Uint8Array<ArrayBuffer>> => Promise.resolve(new Uint8Array(63));
    await expect(signNote(note, { ...log, sign })).rejects.toThrow(RangeError);
    await expect(
      cosignCheckpoint({ text: TEXT, timestampS: 1 }, { ...witness, sign }),
    ).rejects.toThrow(RangeError);
  });
});
