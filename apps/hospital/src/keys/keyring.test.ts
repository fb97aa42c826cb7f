import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import {
  batchCell,
  createInstallationKey,
  openKeyring,
  type Cell,
  type GrantingRow,
} from "./index.ts";

const crypto = createNodeCrypto();
const keyring = openKeyring(createInstallationKey(crypto), crypto);
const cell: Cell = { table: "hospital_keys", column: "sealed", row: "0a0b" };
const plaintext = new TextEncoder().encode("thirty-two bytes of something...");
const row: GrantingRow = {
  table: "devices",
  id: "7",
  version: 3,
  columns: { state: "pending", kid: Uint8Array.of(1, 2, 3), confirmed_at: null, codes: 0 },
};

describe("a sealed cell [HS-312a2iv]", () => {
  it("opens in its own place", () => {
    expect(keyring.openCell(cell, keyring.sealCell(cell, plaintext))).toEqual(plaintext);
  });

  it("never looks the same twice", () => {
    expect(keyring.sealCell(cell, plaintext)).not.toEqual(keyring.sealCell(cell, plaintext));
  });

  it.each([
    ["table", { ...cell, table: "sessions" }],
    ["column", { ...cell, column: "credential" }],
    ["row", { ...cell, row: "0a0c" }],
  ])("does not open in another %s (SR-30)", (_what, other) => {
    const sealed = keyring.sealCell(cell, plaintext);
    expect(() => keyring.openCell(other, sealed)).toThrow(
      expect.objectContaining({ code: "CELL_UNAUTHENTIC" }),
    );
  });

  it("does not open under another installation key", () => {
    const other = openKeyring(createInstallationKey(crypto), crypto);
    expect(() => other.openCell(cell, keyring.sealCell(cell, plaintext))).toThrow(
      expect.objectContaining({ code: "CELL_UNAUTHENTIC" }),
    );
  });

  it("does not open when any of its bytes is another", () => {
    const sealed = keyring.sealCell(cell, plaintext);
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => keyring.openCell(cell, changed)).toThrow(
        expect.objectContaining({ code: "CELL_UNAUTHENTIC" }),
      );
    }
  });

  it.each([0, 1, 12, 28])("does not open when it has only %i bytes", (length) => {
    const sealed = keyring.sealCell(cell, plaintext).slice(0, length);
    expect(() => keyring.openCell(cell, sealed)).toThrow(
      expect.objectContaining({ code: "CELL_UNAUTHENTIC" }),
    );
  });

  it("of one batch is not that of another device's batch of the same id", () => {
    const messageId = new Uint8Array(16);
    expect(batchCell("sealed", 1, messageId)).not.toEqual(batchCell("sealed", 16, messageId));
  });
});

describe("the MAC of a granting row", () => {
  const mac = keyring.rowMac(row);

  it("does not depend on the order of its columns", () => {
    const columns = Object.fromEntries(Object.entries(row.columns).reverse());
    expect(keyring.rowMac({ ...row, columns })).toEqual(mac);
    expect(() => {
      keyring.checkRowMac(row, mac);
    }).not.toThrow();
  });

  it.each<[string, GrantingRow]>([
    ["table", { ...row, table: "staff" }],
    ["id", { ...row, id: "8" }],
    ["version", { ...row, version: 2 }],
    ["a column's value", { ...row, columns: { ...row.columns, state: "active" } }],
    ["a column's type", { ...row, columns: { ...row.columns, codes: "0" } }],
    ["a column's bytes", { ...row, columns: { ...row.columns, kid: Uint8Array.of(1, 2, 4) } }],
    ["null instead of a value", { ...row, columns: { ...row.columns, state: null } }],
    ["one column more", { ...row, columns: { ...row.columns, more: 1 } }],
  ])("is another for %s", (_what, changed) => {
    expect(() => {
      keyring.checkRowMac(changed, mac);
    }).toThrow(expect.objectContaining({ code: "ROW_ALTERED" }));
  });

  it("is refused when it is cut short", () => {
    expect(() => {
      keyring.checkRowMac(row, mac.slice(0, 31));
    }).toThrow(expect.objectContaining({ code: "ROW_ALTERED" }));
  });
});

describe("a blind index", () => {
  it("is the same for the same text and purpose only", () => {
    const index = keyring.blindIndex("mrn", "A-1");
    expect(keyring.blindIndex("mrn", "A-1")).toEqual(index);
    expect(keyring.blindIndex("mrn", "A-2")).not.toEqual(index);
    expect(keyring.blindIndex("staff-link", "A-1")).not.toEqual(index);
  });

  it("says nothing without the key", () => {
    const other = openKeyring(createInstallationKey(crypto), crypto);
    expect(other.blindIndex("mrn", "A-1")).not.toEqual(keyring.blindIndex("mrn", "A-1"));
  });
});
