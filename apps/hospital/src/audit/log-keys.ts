import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { fromBase64Url, toBase64Url, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import {
  createVerifierKey,
  encodeVerifierKey,
  parseVerifierKey,
  type NoteSigner,
  type VerifierKey,
} from "@siphms/tlog";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import { insertKey, readKey, type Keyring } from "../keys/index.ts";

/** A key that signs, or has signed, the heads of the audit log. */
export interface LogKey {
  readonly id: number;
  /** The verifier key as text, as a policy has it. */
  readonly vkey: string;
  /** The first line of its checkpoints. */
  readonly origin: string;
  readonly state: "current" | "retired";
  readonly createdAt: number;
}

/** The current log key, opened. */
export interface OpenedLogKey extends LogKey {
  readonly signer: NoteSigner;
}

interface Ports {
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
}

/** Every log key, the oldest first. @throws {KeyError} `ROW_ALTERED`, `CELL_UNAUTHENTIC` */
export async function readLogKeys(
  queryable: Queryable,
  keyring: Keyring,
): Promise<readonly LogKey[]> {
  return (await readRows(queryable)).map((row) => describe(row, keyring).key);
}

/** The key that signs now; `undefined` where there is no log yet. @throws {KeyError} as {@link readLogKeys} */
export async function openCurrentLogKey(
  queryable: Queryable,
  keyring: Keyring,
): Promise<OpenedLogKey | undefined> {
  const rows = await readRows(queryable);
  const row = rows.find((one) => one.text("state") === "current");
  if (row === undefined) return undefined;
  const { key, verifierKey, seed } = describe(row, keyring);
  return { ...key, signer: createSigner(verifierKey, seed) };
}

/** Makes a log key of this origin and stores it sealed; there must be none that is current. */
export async function createLogKey(
  tx: Transaction,
  input: { readonly origin: string; readonly now: number },
  { keyring, crypto }: Ports,
): Promise<OpenedLogKey> {
  const { x = "", d = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const publicKey = fromBase64Url(x);
  const vkey = encodeVerifierKey(createVerifierKey("ed25519", input.origin, publicKey));
  await insertKey(tx, keyring, {
    purpose: "log",
    kid: crypto.sha256Sync(publicKey).slice(0, 8),
    credential: new TextEncoder().encode(vkey),
    scalar: fromBase64Url(d),
    now: input.now,
  });
  const made = await openCurrentLogKey(tx, keyring);
  if (made === undefined) throw new TypeError("a key that was just made is not there");
  return made;
}

/** The origin of a hospital's log with this number. */
export function originOf(hospitalId: string, number: number): string {
  return `siphms/${hospitalId}/audit/${String(number)}`;
}

/** The number in an origin. */
export function numberOf(origin: string): number {
  return Number(origin.slice(origin.lastIndexOf("/") + 1));
}

async function readRows(queryable: Queryable): Promise<readonly Row[]> {
  const { rows } = await queryable.query(
    "SELECT * FROM hospital_keys WHERE purpose = 'log' ORDER BY id",
  );
  return rows;
}

function describe(
  row: Row,
  keyring: Keyring,
): { readonly key: LogKey; readonly verifierKey: VerifierKey; readonly seed: Bytes } {
  const { id, credential, scalar, state, createdAt } = readKey(row, keyring);
  const vkey = new TextDecoder().decode(credential);
  const verifierKey = parseVerifierKey(vkey);
  return {
    key: { id, vkey, origin: verifierKey.name, state, createdAt },
    verifierKey,
    seed: scalar,
  };
}

function createSigner(key: VerifierKey, seed: Bytes): NoteSigner {
  const privateKey = createPrivateKey({
    key: { kty: "OKP", crv: "Ed25519", x: toBase64Url(key.publicKey), d: toBase64Url(seed) },
    format: "jwk",
  });
  return {
    key,
    sign: (message) => Promise.resolve(new Uint8Array(sign(null, message, privateKey))),
  };
}
