import type { Bytes } from "./bytes.ts";
import { CoseError } from "./cose-error.ts";
import type { PublicPoint } from "./crypto.ts";
import { fromHex, toHex } from "./hex.ts";

/** P-256: y² = x³ − 3x + b modulo p (FIPS 186-5 / SP 800-186 §3.2.1.3). */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
/** p ≡ 3 modulo 4, so a square's root is its power by this. */
const ROOT_EXPONENT = (P + 1n) / 4n;
const COORDINATE_BYTES = 32;

// BigInt arithmetic takes a time that depends on its values. Only public points come here.

/**
 * Whether a public key is one at all: coordinates of 32 bytes below the field prime, on P-256.
 *
 * The curve has cofactor 1 and infinity has no coordinates, so nothing more is to be checked.
 *
 * @see SP 800-56A §5.6.2.3.4
 */
export function isOnCurve(point: PublicPoint): boolean {
  if (point.x.length !== COORDINATE_BYTES || point.y.length !== COORDINATE_BYTES) return false;
  const x = toBigInt(point.x);
  const y = toBigInt(point.y);
  return x < P && y < P && (y * y) % P === rightSide(x);
}

/**
 * Finds the point of P-256 with this x coordinate and an even y.
 *
 * EDHOC sends x alone: both points of an x give the same x of the shared secret.
 *
 * @param x - 32 bytes, big-endian.
 * @throws {CoseError} `KEY_INVALID` when `x` has another length, is not below the field prime, or is the x
 *   coordinate of no point.
 */
export function pointFromX(x: Uint8Array): PublicPoint {
  const number = x.length === COORDINATE_BYTES ? toBigInt(x) : P;
  if (number >= P) throw notOnCurve();
  const square = rightSide(number);
  const root = power(square, ROOT_EXPONENT);
  if ((root * root) % P !== square) throw notOnCurve();
  const even = root % 2n === 0n ? root : P - root;
  return { x: new Uint8Array(x), y: toCoordinate(even) };
}

/** x³ − 3x + b, reduced and not negative. */
function rightSide(x: bigint): bigint {
  const cube = (((x * x) % P) * x) % P;
  return (cube + (P - 3n) * x + B) % P;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function toCoordinate(number: bigint): Bytes {
  return fromHex(number.toString(16).padStart(2 * COORDINATE_BYTES, "0"));
}

function notOnCurve(): CoseError {
  return new CoseError("KEY_INVALID", "Not the x coordinate of a point on P-256.");
}
