import { type Bytes, type CborMap, encodeCbor } from "@siphms/cose";
import {
  cborMap,
  checkArgument,
  decodeAs,
  type Read,
  readBytesOf,
  readMap,
  readText,
  refuseUnknownKeys,
  schemaError,
} from "./schema.ts";

/** Critical EAD_3 label of an enrolment (on the wire −32769). Only there, only with ID_CRED_I by value. */
export const EAD_ENROLMENT = 32769;
/** Every message_3, without C_R, is padded to exactly this size, so that an enrolment looks like any session. */
export const MESSAGE_3_BYTES = 384;
/** The longest device name, in UTF-8 bytes. */
export const MAX_DEVICE_NAME_BYTES = 64;

/** What a new device sends in EAD_3. */
export interface Enrolment {
  /** The invitation's, 16 bytes. */
  readonly token: Bytes;
  /** Up to 64 bytes of UTF-8; may be empty. */
  readonly deviceName: string;
  /** SHA-256 of nonce-d, 32 bytes. */
  readonly commitment: Bytes;
}

const readToken = readBytesOf(16);
const readCommitment = readBytesOf(32);

/**
 * Encodes the value of EAD_3's item {@link EAD_ENROLMENT}.
 *
 * @throws {RangeError} for an enrolment that the hospital would refuse, a name over 64 bytes for example.
 */
export function encodeEnrolment(enrolment: Enrolment): Bytes {
  const map = cborMap([1, enrolment.token], [2, enrolment.deviceName], [3, enrolment.commitment]);
  checkArgument("enrolment", () => readEnrolment(map));
  return encodeCbor(map);
}

/**
 * Parses the value of EAD_3's item {@link EAD_ENROLMENT}.
 *
 * @throws {MessageError} `ENROLMENT_INVALID`.
 * @see protocol section 5
 */
export function parseEnrolment(value: Uint8Array): Enrolment {
  return decodeAs("ENROLMENT_INVALID", value, (item) => readEnrolment(readMap(item, "enrolment")));
}

function readEnrolment(map: CborMap): Enrolment {
  refuseUnknownKeys(map, [1, 2, 3], "enrolment");
  return {
    token: readToken(map.get(1), "token"),
    deviceName: readDeviceName(map.get(2), "device-name"),
    commitment: readCommitment(map.get(3), "commitment"),
  };
}

const readDeviceName: Read<string> = (value, member) => {
  const name = readText(value, member);
  if (new TextEncoder().encode(name).length > MAX_DEVICE_NAME_BYTES) throw schemaError(member);
  return name;
};
