import { equalBytes, type Bytes } from "./bytes.ts";
import { decodeCbor } from "./cbor-decode.ts";
import { encodeCbor } from "./cbor-encode.ts";
import { isCborMap, type CborKey, type CborMap, type CborValue } from "./cbor-value.ts";
import { CoseError, type CredentialFault } from "./cose-error.ts";
import type { Crypto, PublicPoint } from "./crypto.ts";
import { isOnCurve } from "./point.ts";

/** The `sub` of every device. */
export const DEVICE_SUB = "siphms-device";
const HOSPITAL_SUB_PREFIX = "siphms-hospital:";
const HOSPITAL_ID = /^[a-z0-9-]{1,63}$/;
const KID_BYTES = 8;
const COORDINATE_BYTES = 32;

/** CWT claims `sub` (RFC 8392 §3.1.2) and `cnf` (RFC 8747 §3.1), and the confirmation method COSE_Key. */
const CLAIM_SUB = 2;
const CLAIM_CNF = 8;
const CNF_COSE_KEY = 1;

/** A public key and who it speaks for: the CCS `{2: sub, 8: {1: COSE_Key}}`. */
export interface Credential {
  readonly sub: string;
  /** The first 8 bytes of the thumbprint. A name, not a secret, and not proof of anything. */
  readonly kid: Bytes;
  readonly point: PublicPoint;
  /** 32 bytes. */
  readonly thumbprint: Bytes;
  /** The CCS as it was received: what is hashed, signed and kept. */
  readonly bytes: Bytes;
}

/**
 * The `sub` of a hospital's credential.
 *
 * @throws {RangeError} When the id is not `[a-z0-9-]{1,63}`.
 */
export function hospitalSub(hospitalId: string): string {
  if (!HOSPITAL_ID.test(hospitalId)) throw new RangeError("hospitalId: not [a-z0-9-]{1,63}");
  return HOSPITAL_SUB_PREFIX + hospitalId;
}

/**
 * The COSE key thumbprint: SHA-256 over the required members of the key.
 *
 * @returns 32 bytes.
 * @see RFC 9679 §3
 */
export async function thumbprint(point: PublicPoint, crypto: Crypto): Promise<Bytes> {
  return crypto.sha256(encodeCbor(coseKey(point)));
}

/**
 * Makes the credential of a key.
 *
 * @param sub - {@link DEVICE_SUB} or {@link hospitalSub}.
 * @throws {CoseError} `CREDENTIAL_INVALID` with reason `point` when the point is not on the curve.
 */
export async function createCredential(
  sub: string,
  point: PublicPoint,
  crypto: Crypto,
): Promise<Credential> {
  if (!isOnCurve(point)) throw invalid("point");
  const print = await thumbprint(point, crypto);
  const kid = print.slice(0, KID_BYTES);
  const claims = new Map<CborKey, CborValue>([
    [CLAIM_SUB, sub],
    [CLAIM_CNF, new Map([[CNF_COSE_KEY, coseKey(point, kid)]])],
  ]);
  return { sub, kid, point, thumbprint: print, bytes: encodeCbor(claims) };
}

/**
 * Takes a credential from its bytes.
 *
 * A credential of one party is never taken in the place of another's: `sub` must be the one expected here.
 * The bytes are kept as they came. One that came as part of a larger CBOR item can be encoded again for this:
 * deterministic CBOR gives the same bytes.
 *
 * @param expectedSub - {@link DEVICE_SUB}, or {@link hospitalSub} of the hospital that is meant.
 * @throws {CoseError} `CREDENTIAL_INVALID` with the first check that failed as reason, in this order: `schema`
 *   (not strict CBOR included), `sub`, `kid` (not the first 8 bytes of the thumbprint), `point`.
 */
export async function parseCredential(
  bytes: Uint8Array,
  expectedSub: string,
  crypto: Crypto,
): Promise<Credential> {
  const raw = new Uint8Array(bytes);
  const { sub, kid, point } = parseClaims(decodeClaims(raw));
  if (sub !== expectedSub) throw invalid("sub");
  const print = await thumbprint(point, crypto);
  if (!equalBytes(kid, print.subarray(0, KID_BYTES))) throw invalid("kid");
  if (!isOnCurve(point)) throw invalid("point");
  return { sub, kid, point, thumbprint: print, bytes: raw };
}

/** COSE_Key of a P-256 point: `{1: 2, ? 2: kid, -1: 1, -2: x, -3: y}` (RFC 9052 §7, RFC 9053 §7.1.1). */
function coseKey(point: PublicPoint, kid?: Bytes): CborMap {
  const key = new Map<CborKey, CborValue>([
    [1, 2],
    [-1, 1],
    [-2, point.x],
    [-3, point.y],
  ]);
  return kid === undefined ? key : key.set(2, kid);
}

function decodeClaims(raw: Bytes): CborValue {
  try {
    return decodeCbor(raw);
  } catch (cause) {
    throw invalid("schema", cause);
  }
}

function parseClaims(value: CborValue): { sub: string; kid: Bytes; point: PublicPoint } {
  const claims = mapOf(value, 2);
  const sub = claims.get(CLAIM_SUB);
  const key = mapOf(mapOf(claims.get(CLAIM_CNF), 1).get(CNF_COSE_KEY), 5);
  const kid = key.get(2);
  const x = key.get(-2);
  const y = key.get(-3);
  if (typeof sub !== "string" || !(kid instanceof Uint8Array)) throw invalid("schema");
  if (key.get(1) !== 2 || key.get(-1) !== 1) throw invalid("schema");
  if (!isCoordinate(x) || !isCoordinate(y)) throw invalid("schema");
  return { sub, kid, point: { x, y } };
}

/** A map of exactly this many members: with every wanted one present, there is no room for an unknown one. */
function mapOf(value: CborValue | undefined, size: number): CborMap {
  if (!isCborMap(value) || value.size !== size) throw invalid("schema");
  return value;
}

function isCoordinate(value: CborValue | undefined): value is Bytes {
  return value instanceof Uint8Array && value.length === COORDINATE_BYTES;
}

function invalid(reason: CredentialFault, cause?: unknown): CoseError {
  const details = cause === undefined ? { reason } : { reason, cause };
  return new CoseError("CREDENTIAL_INVALID", `Credential refused: ${reason}.`, details);
}
