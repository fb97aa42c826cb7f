import { concatBytes, encodeCbor, toHex, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import { KeyError } from "./error.ts";

/** The place of one sealed value in the database. Its ciphertext opens nowhere else. */
export interface Cell {
  readonly table: string;
  readonly column: string;
  /** The row's primary key as text; for several columns, all of them, each of fixed length. */
  readonly row: string;
}

/** A key that cells are sealed under, with what does it. */
export interface CellKey {
  readonly crypto: NodeCrypto;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const VERSION = 1;
const VERSION_BYTE = Uint8Array.of(VERSION);
const NONCE_BYTES = 12;

/**
 * Seals a value for one cell: `1 | nonce | ciphertext and tag`, AES-256-GCM with a random nonce.
 *
 * Random nonces are safe to 2^32 values under one key (NIST SP 800-38D §8.3); a patient's key stays far below it.
 */
export function sealForCell({ crypto, key }: CellKey, cell: Cell, plaintext: Uint8Array): Bytes {
  const nonce = crypto.randomBytes(NONCE_BYTES);
  const ciphertext = crypto.sealSync(key, nonce, cellAad(cell), plaintext);
  return concatBytes(VERSION_BYTE, nonce, ciphertext);
}

/**
 * Opens what {@link sealForCell} made for the same cell under the same key.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC` for anything else: altered, swapped with another cell, or under another key.
 */
export function openFromCell({ crypto, key }: CellKey, cell: Cell, sealed: Uint8Array): Bytes {
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const plaintext =
    sealed[0] === VERSION && nonce.length === NONCE_BYTES
      ? crypto.openSync(key, nonce, cellAad(cell), sealed.subarray(1 + NONCE_BYTES))
      : undefined;
  if (plaintext === undefined) {
    throw new KeyError(
      "CELL_UNAUTHENTIC",
      `${cell.table}.${cell.column} of one row was not sealed for that cell by this installation`,
    );
  }
  return plaintext;
}

/** The cell of a batch's signed bytes (`sealed`) or signed receipt (`answer`), under the patient's data key. */
export function batchCell(
  column: "sealed" | "answer",
  deviceId: number,
  messageId: Uint8Array,
): Cell {
  const device = deviceId.toString(16).padStart(16, "0");
  return { table: "batches", column, row: device + toHex(messageId) };
}

function cellAad(cell: Cell): Bytes {
  return encodeCbor(["siphms-cell-1", cell.table, cell.column, cell.row]);
}
