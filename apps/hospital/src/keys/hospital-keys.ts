import { createPrivateKey, type KeyObject } from "node:crypto";
import {
  createCredential,
  equalBytes,
  hospitalSub,
  parseCredential,
  thumbprint,
  toBase64Url,
  toHex,
  concatBytes,
  type Bytes,
  type Credential,
  type PublicPoint,
  type SigningKey,
  type VerifyKey,
} from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import { nextId, type Queryable, type Row, type Transaction } from "../database/index.ts";
import type { Cell } from "./cell.ts";
import { KeyError } from "./error.ts";
import type { GrantingRow, Keyring } from "./keyring.ts";

/** One identity of the hospital on the wire: what devices pin. */
export interface HospitalIdentity {
  /** `hospital_keys.id`; `batches.hospital_key` refers to it. */
  readonly id: number;
  readonly state: "current" | "retired";
  readonly credential: Credential;
  readonly key: SigningKey;
  readonly verifyKey: VerifyKey;
  /** Until when a retired identity still answers, ms. */
  readonly validUntil?: number;
}

/** The key that signs gateway passes and the uplink's tokens, and nothing else. */
export interface PassKey {
  readonly kid: Bytes;
  readonly privateKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/** A P-256 public key as a gateway's registration takes it. */
export interface PublicJwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
}

/** The hospital's own keys, opened. */
export interface HospitalKeys {
  /** The current identity: the one in new invitations. */
  readonly identity: HospitalIdentity;
  /** Every identity, retired ones too: find by kid what a device pins. */
  readonly identities: readonly HospitalIdentity[];
  readonly pass: PassKey;
}

type Purpose = "identity" | "pass";

interface StoredKey {
  readonly id: number;
  readonly purpose: Purpose;
  readonly kid: Bytes;
  readonly credential: Bytes;
  readonly scalar: Bytes;
  readonly state: "current" | "retired";
  readonly validUntil: number | null;
}

/** Makes the identity and the pass key of a new installation and stores them sealed. To be called once, by `init`. */
export async function createHospitalKeys(
  tx: Transaction,
  input: { readonly hospitalId: string; readonly now: number },
  { keyring, crypto }: { readonly keyring: Keyring; readonly crypto: NodeCrypto },
): Promise<void> {
  const identity = await crypto.generateSigningKey({ extractable: true });
  const credential = await createCredential(
    hospitalSub(input.hospitalId),
    identity.publicPoint,
    crypto,
  );
  const pass = await crypto.generateSigningKey({ extractable: true });
  const passKid = (await thumbprint(pass.publicPoint, crypto)).slice(0, 8);
  const publicPass = concatBytes(pass.publicPoint.x, pass.publicPoint.y);
  const made = [
    { purpose: "identity", kid: credential.kid, credential: credential.bytes, key: identity },
    { purpose: "pass", kid: passKid, credential: publicPass, key: pass },
  ] as const;
  for (const { key, ...row } of made) {
    const sealed = keyring.sealCell(keyCell(row.kid), await crypto.exportSigningKey(key));
    await insertKey(tx, keyring, { ...row, sealed, now: input.now });
  }
}

/**
 * Reads, checks and opens the hospital's keys.
 *
 * @throws {KeyError} `HOSPITAL_KEY_MISSING`, `ROW_ALTERED`, `CELL_UNAUTHENTIC`
 */
export async function loadHospitalKeys(
  queryable: Queryable,
  hospitalId: string,
  { keyring, crypto }: { readonly keyring: Keyring; readonly crypto: NodeCrypto },
): Promise<HospitalKeys> {
  const { rows } = await queryable.query("SELECT * FROM hospital_keys ORDER BY id");
  const stored = rows.map((row) => readKey(row, keyring));
  const identities = await Promise.all(
    stored
      .filter((key) => key.purpose === "identity")
      .map((key) => openIdentity(key, hospitalId, crypto)),
  );
  const identity = identities.find((candidate) => candidate.state === "current");
  const pass = stored.find((key) => key.purpose === "pass" && key.state === "current");
  if (identity === undefined || pass === undefined) {
    throw new KeyError(
      "HOSPITAL_KEY_MISSING",
      "the hospital has no keys; run siphms hospital init",
    );
  }
  return { identity, identities, pass: openPass(pass) };
}

async function insertKey(
  tx: Transaction,
  keyring: Keyring,
  key: {
    readonly purpose: Purpose;
    readonly kid: Bytes;
    readonly credential: Bytes;
    readonly sealed: Bytes;
    readonly now: number;
  },
): Promise<void> {
  const id = await nextId(tx, "hospital_keys");
  const columns = {
    purpose: key.purpose,
    kid: key.kid,
    credential: key.credential,
    sealed: key.sealed,
    state: "current",
    created_at: key.now,
    retired_at: null,
    valid_until: null,
  };
  const mac = keyring.rowMac({ table: "hospital_keys", id: String(id), version: 1, columns });
  await tx.query(
    `INSERT INTO hospital_keys (id, purpose, kid, credential, sealed, state, created_at, version, mac)
     VALUES ($1, $2, $3, $4, $5, 'current', $6, 1, $7)`,
    [id, key.purpose, key.kid, key.credential, key.sealed, key.now, mac],
  );
}

/** The row as its MAC covers it. */
export function hospitalKeyRow(row: Row): GrantingRow {
  return {
    table: "hospital_keys",
    id: String(row.number("id")),
    version: row.number("version"),
    columns: {
      purpose: row.text("purpose"),
      kid: row.bytes("kid"),
      credential: row.bytes("credential"),
      sealed: row.bytes("sealed"),
      state: row.text("state"),
      created_at: row.number("created_at"),
      retired_at: row.numberOrNull("retired_at"),
      valid_until: row.numberOrNull("valid_until"),
    },
  };
}

function readKey(row: Row, keyring: Keyring): StoredKey {
  keyring.checkRowMac(hospitalKeyRow(row), row.bytes("mac"));
  const kid = row.bytes("kid");
  return {
    id: row.number("id"),
    purpose: row.text("purpose") === "identity" ? "identity" : "pass",
    kid,
    credential: row.bytes("credential"),
    scalar: keyring.openCell(keyCell(kid), row.bytes("sealed")),
    state: row.text("state") === "current" ? "current" : "retired",
    validUntil: row.numberOrNull("valid_until"),
  };
}

async function openIdentity(
  stored: StoredKey,
  hospitalId: string,
  crypto: NodeCrypto,
): Promise<HospitalIdentity> {
  const credential = await parseCredential(stored.credential, hospitalSub(hospitalId), crypto);
  if (!equalBytes(credential.kid, stored.kid)) {
    throw new KeyError("HOSPITAL_KEY_MISSING", "a hospital key's credential is not its own");
  }
  return {
    id: stored.id,
    state: stored.state,
    credential,
    key: await crypto.importSigningKey(stored.scalar, credential.point),
    verifyKey: await crypto.importVerifyKey(credential.point),
    ...(stored.validUntil === null ? {} : { validUntil: stored.validUntil }),
  };
}

function openPass(stored: StoredKey): PassKey {
  const point: PublicPoint = {
    x: stored.credential.slice(0, 32),
    y: stored.credential.slice(32, 64),
  };
  const publicJwk: PublicJwk = {
    kty: "EC",
    crv: "P-256",
    x: toBase64Url(point.x),
    y: toBase64Url(point.y),
  };
  const privateKey = createPrivateKey({
    key: { ...publicJwk, d: toBase64Url(stored.scalar) },
    format: "jwk",
  });
  return { kid: stored.kid, privateKey, publicJwk };
}

function keyCell(kid: Bytes): Cell {
  return { table: "hospital_keys", column: "sealed", row: toHex(kid) };
}
