import type { Bytes } from "@siphms/cose";
import type { Queryable, Transaction } from "../database/index.ts";
import { openFromCell, sealForCell, type Cell, type CellKey } from "./cell.ts";
import { KeyError } from "./error.ts";

/** Seals and opens the cells of one patient under the patient's own data key. */
export interface PatientCipher {
  seal(cell: Cell, plaintext: Uint8Array): Bytes;
  /** @throws {KeyError} `CELL_UNAUTHENTIC` */
  open(cell: Cell, sealed: Uint8Array): Bytes;
}

interface PatientKeysInput {
  /** Wraps the patients' keys. */
  readonly wrapKey: CellKey;
  readonly fingerprint: Bytes;
}

interface PatientKeys {
  create(tx: Transaction, patientId: string, now: number): Promise<PatientCipher>;
  load(queryable: Queryable, patientId: string): Promise<PatientCipher>;
  check(patientId: string, wrapped: Uint8Array): void;
}

/** Keys held in memory at once; the one unused for longest goes first. About 150 bytes each. */
const MAX_CACHED = 50_000;
const DATA_KEY_BYTES = 32;

/** The store of patients' data keys: wrapped in `keystore.patient_keys`, open in memory. */
export function createPatientKeys({ wrapKey, fingerprint }: PatientKeysInput): PatientKeys {
  const { crypto } = wrapKey;
  const cache = new Map<string, PatientCipher>();

  const remember = (patientId: string, cipher: PatientCipher): PatientCipher => {
    cache.delete(patientId);
    cache.set(patientId, cipher);
    const oldest = cache.size > MAX_CACHED ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    return cipher;
  };

  const createCipher = (key: Bytes): PatientCipher => ({
    seal: (cell, plaintext) => sealForCell({ crypto, key }, cell, plaintext),
    open: (cell, sealed) => openFromCell({ crypto, key }, cell, sealed),
  });

  return {
    async create(tx, patientId, now) {
      const key = crypto.randomBytes(DATA_KEY_BYTES);
      const wrapped = sealForCell(wrapKey, wrapCell(patientId), key);
      await tx.query(
        "INSERT INTO keystore.patient_keys (patient_id, wrapped, kek, created_at) VALUES ($1, $2, $3, $4)",
        [patientId, wrapped, fingerprint, now],
      );
      const cipher = createCipher(key);
      // Cached only once it is stored: what a rolled-back key had sealed could never be opened again.
      tx.afterCommit(() => remember(patientId, cipher));
      return cipher;
    },

    async load(queryable, patientId) {
      const cached = cache.get(patientId);
      if (cached !== undefined) return remember(patientId, cached);
      const { rows } = await queryable.query(
        "SELECT wrapped FROM keystore.patient_keys WHERE patient_id = $1",
        [patientId],
      );
      const [row] = rows;
      if (row === undefined) {
        throw new KeyError("PATIENT_KEY_MISSING", `patient ${patientId} has no data key`);
      }
      const key = openFromCell(wrapKey, wrapCell(patientId), row.bytes("wrapped"));
      return remember(patientId, createCipher(key));
    },

    check(patientId, wrapped) {
      openFromCell(wrapKey, wrapCell(patientId), wrapped);
    },
  };
}

function wrapCell(patientId: string): Cell {
  return { table: "keystore.patient_keys", column: "wrapped", row: patientId };
}
