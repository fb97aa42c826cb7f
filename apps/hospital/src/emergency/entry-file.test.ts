import { concatBytes, decodeCbor, encodeCbor, isCborArray } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import { createEntryMaker, type AuditEntry, type MadeEntry } from "../audit/index.ts";
import { createInstallationKey, openKeyring } from "../keys/index.ts";
import { EmergencyError } from "./emergency-error.ts";
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

const codeOf = (bytes: Uint8Array<ArrayBuffer>, ring = keyring): string => {
  try {
    return String(readEntryFile(bytes, ring).entries.length);
  } catch (error) {
    return error instanceof EmergencyError ? error.code : "another error";
  }
};

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

  it("cut at any byte gives the entries before the cut and says that the last one is torn", () => {
    const ends = written.reduce<number[]>(
      (before, one) => [...before, (before.at(-1) ?? FILE_HEAD.length) + one.length],
      [],
    );
    for (let length = 0; length < whole.length; length += 1) {
      const { entries, tornBytes } = readEntryFile(whole.slice(0, length), keyring);
      const isWhole = ends.filter((end) => end <= length);
      expect(entries).toHaveLength(isWhole.length);
      expect(tornBytes).toBe(Math.max(0, length - (isWhole.at(-1) ?? FILE_HEAD.length)));
    }
  });

  it("with any byte changed is refused, or shorter: never another entry", () => {
    const leaves = made.map(({ leaf }) => Buffer.from(leaf).toString("hex"));
    let refused = 0;
    for (let at = 0; at < whole.length; at += 1) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      try {
        const found = readEntryFile(changed, keyring).entries;
        expect(found.length).toBeLessThan(made.length);
        expect(found.map(({ leaf }) => Buffer.from(leaf).toString("hex"))).toEqual(
          leaves.slice(0, found.length),
        );
      } catch (error) {
        expect(error).toMatchObject({ code: "EMERGENCY_FILE_ALTERED" });
        refused += 1;
      }
    }
    // Only a length that says more than there is looks as if the file had been cut.
    expect(refused).toBeGreaterThan(whole.length - 4 * made.length);
  });

  it.each([
    ["an entry taken out of the middle", [0, 2]],
    ["entries in another order", [1, 0, 2]],
    ["an entry twice", [0, 0, 1, 2]],
    ["no beginning", [1, 2]],
  ])("with %s is refused", (_, order) => {
    const parts = order.map((index) => written[index] ?? new Uint8Array());
    expect(codeOf(concatBytes(FILE_HEAD, ...parts))).toBe("EMERGENCY_FILE_ALTERED");
  });

  it("with an entry of another run behind its own is refused", () => {
    const other = createEntryMaker({ keyring, crypto }).make([look(4), look(5), look(6), look(7)]);
    const strange = other.slice(3).map((one) => encodeFileEntry(one, keyring));
    expect(codeOf(concatBytes(whole, ...strange))).toBe("EMERGENCY_FILE_ALTERED");
  });

  it("with another patient's sealed part beside a leaf is refused", () => {
    const [one, other] = written.map((entry) => decodeCbor(entry.slice(4)));
    if (!isCborArray(one) || !isCborArray(other)) throw new Error("no entries");
    const [leaf] = one;
    const [, sealed] = other;
    if (leaf === undefined || sealed === undefined) throw new Error("no entries");
    const bytes = encodeCbor([leaf, sealed]);
    const length = Uint8Array.of(0, 0, bytes.length >> 8, bytes.length & 0xff);
    expect(codeOf(concatBytes(FILE_HEAD, length, bytes))).toBe("EMERGENCY_FILE_ALTERED");
  });

  it("of another installation is refused", () => {
    const other = openKeyring(createInstallationKey(crypto), crypto);
    expect(codeOf(whole, other)).toBe("EMERGENCY_FILE_ALTERED");
  });

  it("that is none at all is refused", () => {
    expect(codeOf(new TextEncoder().encode("%PDF-1.7"))).toBe("EMERGENCY_FILE_ALTERED");
    expect(codeOf(new Uint8Array())).toBe("0");
  });
});
