import { type Bytes, type CborMap, encodeCbor } from "@siphms/cose";
import {
  cborMap,
  checkArgument,
  decodeAs,
  type Read,
  readBytesOf,
  readMap,
  readOneOf,
  readText,
  readUint,
  refuseUnknownKeys,
  schemaError,
} from "./schema.ts";

/** Critical EAD_4 label of the session grant (on the wire −32770). Only there, and always there. */
export const EAD_GRANT = 32770;
/** Every message_4 is padded to exactly this size. */
export const MESSAGE_4_BYTES = 768;
/** The longest gateway pass: what message_4 has room for. */
export const MAX_PASS_BYTES = 690;
/** The longest life of a session: 24 hours. */
export const MAX_SESSION_MS = 86_400_000;

/** What the hospital gives a device with message_4. */
export interface SessionGrant {
  /** The gateway pass, a JWT that the device shows and does not read. At most 690 bytes. */
  readonly pass: string;
  /** ms; no new envelope is sealed after this. At most 24 h after `now`. */
  readonly expires: number;
  /** 0 pending, 1 active. */
  readonly binding: 0 | 1;
  /** The hospital's clock, ms. */
  readonly now: number;
  /** 16 random bytes; part of the confirmation code. */
  readonly nonceH: Bytes;
}

/** What `Authorization: Bearer` can carry (RFC 6750 §2.1): anything else would break, or break into, the header. */
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const readBinding = readOneOf<0 | 1>(0, 1);
const readNonceH = readBytesOf(16);

/**
 * Encodes the value of EAD_4's item {@link EAD_GRANT}.
 *
 * @throws {RangeError} for a grant that a device would refuse.
 */
export function encodeGrant(grant: SessionGrant): Bytes {
  const { pass, expires, binding, now, nonceH } = grant;
  const map = cborMap([1, pass], [2, expires], [3, binding], [4, now], [6, nonceH]);
  checkArgument("grant", () => readGrant(map));
  return encodeCbor(map);
}

/**
 * Parses the value of EAD_4's item {@link EAD_GRANT}.
 *
 * @throws {MessageError} `GRANT_INVALID`.
 * @see protocol section 5
 */
export function parseGrant(value: Uint8Array): SessionGrant {
  return decodeAs("GRANT_INVALID", value, (item) => readGrant(readMap(item, "grant")));
}

function readGrant(map: CborMap): SessionGrant {
  refuseUnknownKeys(map, [1, 2, 3, 4, 6], "grant");
  const expires = readUint(map.get(2), "expires");
  const now = readUint(map.get(4), "now");
  if (expires - now > MAX_SESSION_MS) throw schemaError("expires");
  return {
    pass: readPass(map.get(1), "gateway-pass"),
    expires,
    binding: readBinding(map.get(3), "binding"),
    now,
    nonceH: readNonceH(map.get(6), "nonce-h"),
  };
}

const readPass: Read<string> = (value, member) => {
  const pass = readText(value, member);
  // Only ASCII passes the pattern, so characters are bytes.
  if (pass.length > MAX_PASS_BYTES || !BEARER_TOKEN.test(pass)) throw schemaError(member);
  return pass;
};
