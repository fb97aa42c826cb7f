import { createPrivateKey, type KeyObject } from "node:crypto";
import {
  createCredential,
  equalBytes,
  hospitalSub,
  parseCredential,
  thumbprint,
  toBase64Url,
  concatBytes,
  type Bytes,
  type Credential,
  type PublicPoint,
  type SigningKey,
  type VerifyKey,
} from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import { KeyError } from "./error.ts";
import { insertKey, readKey, retireCurrentKey, type StoredKey } from "./hospital-key-rows.ts";
import type { Keyring } from "./keyring.ts";

/** One identity of the hospital on the wire: what devices pin. */
export interface HospitalIdentity {
  /** `hospital_keys.id`; `batches.hospital_key` refers to it. */
  readonly id: number;
  readonly state: "current" | "retired";
  readonly credential: Credential;
  readonly key: SigningKey;
  readonly verifyKey: VerifyKey;
  /** ms. */
  readonly createdAt: number;
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

/** The hospital's own keys, opened. The current identity changes while the program runs: ask for it each time. */
export interface HospitalKeys {
  /** The current identity: the one in new invitations. */
  readonly identity: HospitalIdentity;
  /**
   * Every identity, retired ones too: find by kid what a device pins. The same array as long as the program runs;
   * {@link refresh} puts new keys at its end.
   */
  readonly identities: readonly HospitalIdentity[];
  readonly pass: PassKey;
  /**
   * Takes over what this process or another one on the same database has changed.
   *
   * @returns whether anything was new.
   * @throws {KeyError} as {@link loadHospitalKeys}; what was known before stays in use.
   */
  refresh(): Promise<boolean>;
}

interface Ports {
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
}

/** Makes the identity and the pass key of a new installation and stores them sealed. To be called once, by `init`. */
export async function createHospitalKeys(
  tx: Transaction,
  input: { readonly hospitalId: string; readonly now: number },
  ports: Ports,
): Promise<void> {
  await createIdentity(tx, input, ports);
  const { keyring, crypto } = ports;
  const key = await crypto.generateSigningKey({ extractable: true });
  const { publicPoint } = key;
  await insertKey(tx, keyring, {
    purpose: "pass",
    kid: (await thumbprint(publicPoint, crypto)).slice(0, 8),
    credential: concatBytes(publicPoint.x, publicPoint.y),
    scalar: await crypto.exportSigningKey(key),
    now: input.now,
  });
}

/** Makes a new current identity and stores it sealed; there must be none that is current. */
async function createIdentity(
  tx: Transaction,
  { hospitalId, now }: { readonly hospitalId: string; readonly now: number },
  { keyring, crypto }: Ports,
): Promise<Credential> {
  const key = await crypto.generateSigningKey({ extractable: true });
  const credential = await createCredential(hospitalSub(hospitalId), key.publicPoint, crypto);
  await insertKey(tx, keyring, {
    purpose: "identity",
    kid: credential.kid,
    credential: credential.bytes,
    scalar: await crypto.exportSigningKey(key),
    now,
  });
  return credential;
}

/** What a rotation of the identity made. */
export interface IdentityRotation {
  readonly newKid: Bytes;
  readonly oldKid: Bytes;
}

/**
 * Makes a new identity and retires the current one, which answers until `validUntil`.
 *
 * @returns `undefined` where another rotation came in between; nothing is changed then.
 * @throws {KeyError} `ROW_ALTERED`, `HOSPITAL_KEY_MISSING`
 * @see protocol section 6, "Hospital key rotation"
 */
export async function rotateIdentity(
  tx: Transaction,
  input: { readonly hospitalId: string; readonly now: number; readonly validUntil: number },
  ports: Ports,
): Promise<IdentityRotation | undefined> {
  const oldKid = await retireCurrentKey(tx, ports.keyring, { purpose: "identity", ...input });
  if (oldKid === undefined) return undefined;
  const made = await createIdentity(tx, input, ports);
  return { newKid: made.kid, oldKid };
}

/**
 * Reads, checks and opens the hospital's keys.
 *
 * @param queryable - Kept for {@link HospitalKeys.refresh}: the pool, not a transaction.
 * @throws {KeyError} `HOSPITAL_KEY_MISSING`, `ROW_ALTERED`, `CELL_UNAUTHENTIC`
 */
export async function loadHospitalKeys(
  queryable: Queryable,
  hospitalId: string,
  ports: Ports,
): Promise<HospitalKeys> {
  const read = async (): Promise<readonly Row[]> =>
    (await queryable.query("SELECT * FROM hospital_keys ORDER BY id")).rows;
  const first = await read();
  let loaded = { ...(await openKeys(first, hospitalId, ports)), revision: revisionOf(first) };
  const { identities, pass } = loaded;
  return {
    identities,
    pass,
    get identity() {
      return loaded.identity;
    },
    async refresh() {
      const rows = await read();
      const revision = revisionOf(rows);
      if (revision <= loaded.revision) return false;
      const opened = await openKeys(rows, hospitalId, ports);
      // Of two at once the slower one must not bring back what it read earlier.
      if (revision <= loaded.revision) return false;
      loaded = { ...opened, revision };
      identities.splice(0, identities.length, ...opened.identities);
      return true;
    },
  };
}

/** Grows with each change of any key, and with each new one. */
function revisionOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + row.number("version"), 0);
}

async function openKeys(
  rows: readonly Row[],
  hospitalId: string,
  { keyring, crypto }: Ports,
): Promise<{ identity: HospitalIdentity; identities: HospitalIdentity[]; pass: PassKey }> {
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
    createdAt: stored.createdAt,
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
