import { randomBytes } from "node:crypto";
import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import { createInstallationKey, openInstallationKey, openKeyring, type Kek } from "./index.ts";

const crypto = createNodeCrypto();
const newKek = (): Kek => ({ bytes: new Uint8Array(randomBytes(32)) });
const kek = newKek();
const key = createInstallationKey(crypto);
const keyring = openKeyring(key, crypto);
const row = keyring.wrapUnder(kek);

describe("the installation key [HS-312a2iv] (SR-30)", () => {
  it("comes back under each key-encryption key that it was wrapped under", () => {
    const other = newKek();
    const rows = [row, keyring.wrapUnder(other)];
    expect(openInstallationKey(rows, kek, crypto)).toEqual(key);
    expect(openInstallationKey(rows, other, crypto)).toEqual(key);
  });

  it("stays what it is when the row of one key-encryption key is gone", () => {
    const other = newKek();
    expect(openInstallationKey([keyring.wrapUnder(other)], other, crypto)).toEqual(key);
    expect(openInstallationKey([keyring.wrapUnder(other)], kek, crypto)).toBeUndefined();
  });

  it("says whether it was a key-encryption key before", () => {
    const adopted = openKeyring({ bytes: kek.bytes, adopted: true }, crypto);
    expect(adopted.isAdopted).toBe(true);
    const opened = openInstallationKey([adopted.wrapUnder(kek)], kek, crypto);
    expect(opened).toEqual({ bytes: kek.bytes, adopted: true });
  });

  it("does not open under another key-encryption key's name", () => {
    const other = newKek();
    const renamed = { kek: keyring.fingerprintOf(other), wrapped: row.wrapped };
    expect(() => openInstallationKey([renamed], other, crypto)).toThrow(
      expect.objectContaining({ code: "CELL_UNAUTHENTIC" }),
    );
  });

  it("does not open when any byte of its row is another", () => {
    for (let at = 0; at < row.wrapped.length; at++) {
      const wrapped = row.wrapped.slice();
      wrapped[at] = (wrapped[at] ?? 0) ^ 1;
      expect(() => openInstallationKey([{ ...row, wrapped }], kek, crypto)).toThrow(
        expect.objectContaining({ code: "CELL_UNAUTHENTIC" }),
      );
    }
  });

  it("shows nothing of itself in its row, nor of the key-encryption key", () => {
    const stored = Buffer.concat([row.kek, row.wrapped]);
    expect(stored.includes(Buffer.from(key.bytes))).toBe(false);
    expect(stored.includes(Buffer.from(kek.bytes))).toBe(false);
  });
});
