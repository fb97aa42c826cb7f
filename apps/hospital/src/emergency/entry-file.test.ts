import { concatBytes, decodeCbor, encodeCbor, isCborArray } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import { createEntryMaker, type AuditEntry, type MadeEntry } from "../audit/index.ts";
import { createInstallationKey, openKeyring } from "../keys/index.ts";
import { encodeFileEntry, FILE_HEAD, readEntryFile } from "./entry-file.ts";

const PATIENT = "0b5c2f9e-1111-4222-8333-444455556666";

const crypto = createNodeCrypto();
const keyring = openKeyring(createInstallationKey(crypto), crypto);

const look = (at: number, detail?: AuditEntry["detail"]): AuditEntry => ({
  ...{ at, event: "data.disclosed", actor: "staff:7", subject: PATIENT, object: "readings" },
  ...{ action: "read", outcome: "done", purpose: "treatment" },
  ...(detail === undefined ? {} : { detail }),
});

const made = createEntryMaker({ keyring, crypto }).make([
  look(1),
  look(2, { by: "passkey" }),
  look(3),
]);
const written = made.map((one) => encodeFileEntry(one, keyring));
const whole = concatBytes(FILE_HEAD, ...written);

const ALTERED = "EMERGENCY_FILE_ALTERED";

/** How many entries are taken, and why no more are. */
const outcomeOf = (bytes: Uint8Array<ArrayBuffer>, ring = keyring) => {
  const { entries, tornBytes, refused } = readEntryFile(bytes, ring);
  if (refused !== undefined) expect(tornBytes).toBe(0);
  return [entries.length, refused?.why.code];
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const leaves = made.map(({ leaf }) => hex(leaf));
const ends = written.reduce<number[]>(
  (before, one) => [...before, (before.at(-1) ?? FILE_HEAD.length) + one.length],
  [],
);

describe("a file of entries", () => {
  it("gives back what the log is to have, to the byte: leaves, patients and details", () => {
    const { entries, tornBytes } = readEntryFile(whole, keyring);
    expect(tornBytes).toBe(0);
    // What an entry has beside its members is kept as the bytes of which the leaf has the hash.
    const kept = ({ entry, ...rest }: MadeEntry) => {
      const { at, event, actor, subject, object, action, outcome, purpose } = entry;
      return { ...rest, entry: { at, event, actor, subject, object, action, outcome, purpose } };
    };
    expect(entries).toEqual(made.map(kept));
  });

  it("holds no patient's id in clear", () => {
    const text = new TextDecoder("latin1").decode(whole);
    expect(text).not.toContain(PATIENT);
    expect(text).toContain("data.disclosed");
  });

  it("cut at any byte behind its first entry gives the entries before the cut and says that the last one is torn", () => {
    for (let length = ends[0] ?? 0; length < whole.length; length += 1) {
      const { entries, tornBytes, refused } = readEntryFile(whole.slice(0, length), keyring);
      const isWhole = ends.filter((end) => end <= length);
      expect([entries.length, refused]).toEqual([isWhole.length, undefined]);
      expect(tornBytes).toBe(length - (isWhole.at(-1) ?? 0));
    }
  });

  it("cut at any byte of its first entry is refused: none is left so (SR-61) [HS-312c1]", () => {
    for (let length = 0; length < (ends[0] ?? 0); length += 1) {
      expect([length, ...outcomeOf(whole.slice(0, length))]).toEqual([length, 0, ALTERED]);
    }
  });

  it("with any byte changed gives the entries before it, and none behind it or another one (SR-61) [HS-312c1]", () => {
    let refusals = 0;
    for (let at = 0; at < whole.length; at += 1) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const { entries, refused } = readEntryFile(changed, keyring);
      const before = at < FILE_HEAD.length ? 0 : ends.filter((end) => end <= at).length;
      expect(entries.map(({ leaf }) => hex(leaf))).toEqual(leaves.slice(0, before));
      if (refused === undefined) continue;
      refusals += 1;
      const start = at < FILE_HEAD.length ? 0 : (ends[before - 1] ?? FILE_HEAD.length);
      expect(refused).toMatchObject({ bytes: whole.length - start, why: { code: ALTERED } });
    }
    // Only a length that says more than there is looks as if the file had been cut.
    expect(refusals).toBeGreaterThan(whole.length - 4 * made.length);
  });

  it.each([
    ["an entry taken out of the middle", [0, 2], 1],
    ["entries in another order", [1, 0, 2], 0],
    ["an entry twice", [0, 0, 1, 2], 1],
    ["no beginning", [1, 2], 0],
  ])("with %s is refused from there on", (_, order, taken) => {
    const parts = order.map((index) => written[index] ?? new Uint8Array());
    expect(outcomeOf(concatBytes(FILE_HEAD, ...parts))).toEqual([taken, ALTERED]);
  });

  it("with an entry of another run behind its own is refused from there on", () => {
    const other = createEntryMaker({ keyring, crypto }).make([look(4), look(5), look(6), look(7)]);
    const strange = other.slice(3).map((one) => encodeFileEntry(one, keyring));
    expect(outcomeOf(concatBytes(whole, ...strange))).toEqual([3, ALTERED]);
  });

  it("with another patient's sealed part beside a leaf is refused", () => {
    const [one, other] = written.map((entry) => decodeCbor(entry.slice(4)));
    if (!isCborArray(one) || !isCborArray(other)) throw new Error("no entries");
    const [leaf] = one;
    const [, sealed] = other;
    if (leaf === undefined || sealed === undefined) throw new Error("no entries");
    const bytes = encodeCbor([leaf, sealed]);
    const length = Uint8Array.of(0, 0, bytes.length >> 8, bytes.length & 0xff);
    expect(outcomeOf(concatBytes(FILE_HEAD, length, bytes))).toEqual([0, ALTERED]);
  });

  it("of another installation is refused", () => {
    const other = openKeyring(createInstallationKey(crypto), crypto);
    expect(outcomeOf(whole, other)).toEqual([0, ALTERED]);
  });

  it("that is none at all is refused", () => {
    expect(outcomeOf(new TextEncoder().encode("%PDF-1.7"))).toEqual([0, ALTERED]);
    expect(outcomeOf(new Uint8Array())).toEqual([0, ALTERED]);
  });
});
