import {
  CoseError,
  createCredential,
  DEVICE_SUB,
  hospitalSub,
  parseCredential,
  type Bytes,
  type Credential,
  type Crypto,
  type SigningKey,
  type VerifyKey,
} from "@siphms/cose";
import type { DeviceState } from "./status.ts";
import {
  arrayOf,
  bytesOf,
  decodeRecord,
  encodeRecord,
  numberOf,
  oneOf,
  textOf,
} from "./record-codec.ts";
import { corrupt, type PlainOperation, type SealedStore } from "./sealed-store.ts";

const KEY_ENTRY = "key";
const IDENTITY_ENTRY = "identity";

/** A hospital's public key, ready to verify with. */
export interface HospitalKey {
  readonly credential: Credential;
  readonly verifyKey: VerifyKey;
}

/** This device's own key. */
export interface DeviceKey {
  readonly credential: Credential;
  readonly signingKey: SigningKey;
}

/** A hospital key that was pinned once; never again. */
export interface RetiredKey {
  readonly thumbprint: Bytes;
  /** ms; when it stops answering. */
  readonly validUntil: number;
}

/** What is still needed to finish the enrolment; gone once the binding is active. */
export interface OpenEnrolment {
  readonly token: Bytes;
  /** ms; the hospital judges it. */
  readonly expires: number;
  /** Whether a message_3 with the token may have left: then a session by kid comes first. */
  readonly tried: boolean;
  /** How often the opening of a commitment was sent: each time a hospital could have shown a code. */
  readonly codes: number;
}

/** What the device knows of itself and its hospital, without the key. */
export interface Identity {
  readonly state: Exclude<DeviceState, "new">;
  readonly deviceName: string;
  readonly gatewayUrl: string;
  readonly hospitalId: string;
  readonly hospitalName: string;
  readonly pinned: HospitalKey;
  readonly retired: readonly RetiredKey[];
  readonly enrolment?: OpenEnrolment;
  /** The six digits, while pending. */
  readonly code?: string;
}

/**
 * Makes a hospital key of a credential's bytes.
 *
 * @throws {CoseError} `CREDENTIAL_INVALID`, `KEY_INVALID`.
 */
export async function loadHospitalKey(
  credentialBytes: Bytes,
  hospitalId: string,
  crypto: Crypto,
): Promise<HospitalKey> {
  const credential = await parseCredential(credentialBytes, hospitalSub(hospitalId), crypto);
  return { credential, verifyKey: await crypto.importVerifyKey(credential.point) };
}

/**
 * Makes the device's key for one invitation, and the change of the store that keeps it.
 *
 * The handle that is used afterwards cannot be exported; the scalar leaves this function only into the sealed store.
 */
export async function createDeviceKey(
  crypto: Crypto,
): Promise<{ readonly key: DeviceKey; readonly operation: PlainOperation }> {
  const extractable = await crypto.generateSigningKey({ extractable: true });
  const scalar = await crypto.exportSigningKey(extractable);
  const point = extractable.publicPoint;
  const credential = await createCredential(DEVICE_SUB, point, crypto);
  const signingKey = await crypto.importSigningKey(scalar, point);
  const plain = encodeRecord([1, scalar], [2, credential.bytes]);
  scalar.fill(0);
  return { key: { credential, signingKey }, operation: { kind: "put", name: KEY_ENTRY, plain } };
}

/**
 * Loads the device's key.
 *
 * @returns `undefined` on a device that never took an invitation.
 * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`.
 */
export async function loadDeviceKey(
  store: SealedStore,
  crypto: Crypto,
): Promise<DeviceKey | undefined> {
  const plain = await store.get(KEY_ENTRY);
  if (plain === undefined) return undefined;
  const record = decodeRecord(plain);
  try {
    const credential = await parseCredential(bytesOf(record.get(2)), DEVICE_SUB, crypto);
    const signingKey = await crypto.importSigningKey(bytesOf(record.get(1)), credential.point);
    return { credential, signingKey };
  } catch (error) {
    throw error instanceof CoseError ? corrupt(error) : error;
  }
}

/** The change of the store that keeps an identity. */
export function identityOperation(identity: Identity): PlainOperation {
  const { enrolment } = identity;
  const plain = encodeRecord(
    [1, identity.state],
    [2, identity.deviceName],
    [3, identity.gatewayUrl],
    [4, identity.hospitalId],
    [5, identity.hospitalName],
    [6, identity.pinned.credential.bytes],
    [7, identity.retired.map((key) => [key.thumbprint, key.validUntil])],
    [8, enrolment && [enrolment.token, enrolment.expires, enrolment.tried, enrolment.codes]],
    [9, identity.code],
  );
  return { kind: "put", name: IDENTITY_ENTRY, plain };
}

/**
 * Loads the identity.
 *
 * @returns `undefined` on a device that never took an invitation.
 * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`.
 */
export async function loadIdentity(
  store: SealedStore,
  crypto: Crypto,
): Promise<Identity | undefined> {
  const plain = await store.get(IDENTITY_ENTRY);
  if (plain === undefined) return undefined;
  const record = decodeRecord(plain);
  const hospitalId = textOf(record.get(4));
  const enrolment = record.get(8);
  const code = record.get(9);
  return {
    state: oneOf(record.get(1), ["enrolling", "pending", "active"]),
    deviceName: textOf(record.get(2)),
    gatewayUrl: textOf(record.get(3)),
    hospitalId,
    hospitalName: textOf(record.get(5)),
    pinned: await loadPinned(bytesOf(record.get(6)), hospitalId, crypto),
    retired: arrayOf(record.get(7)).map((value) => {
      const [thumbprint, validUntil] = arrayOf(value);
      return { thumbprint: bytesOf(thumbprint), validUntil: numberOf(validUntil) };
    }),
    ...(enrolment === undefined ? {} : { enrolment: readEnrolment(arrayOf(enrolment)) }),
    ...(code === undefined ? {} : { code: textOf(code) }),
  };
}

type EnrolmentMembers = ReturnType<typeof arrayOf>;

function readEnrolment([token, expires, tried, codes]: EnrolmentMembers): OpenEnrolment {
  return {
    token: bytesOf(token),
    expires: numberOf(expires),
    tried: tried === true,
    codes: numberOf(codes),
  };
}

async function loadPinned(bytes: Bytes, hospitalId: string, crypto: Crypto): Promise<HospitalKey> {
  try {
    return await loadHospitalKey(bytes, hospitalId, crypto);
  } catch (error) {
    throw error instanceof CoseError || error instanceof RangeError ? corrupt(error) : error;
  }
}
