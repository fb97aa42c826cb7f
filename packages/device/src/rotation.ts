import { CoseError, equalBytes, type Bytes, type Crypto } from "@siphms/cose";
import { MessageError, type KeyRotation } from "@siphms/messages";
import { loadHospitalKey, type Identity, type RetiredKey } from "./identity.ts";
import type { Session } from "./session.ts";

/** Protocol section 6: items signed for an old key are taken for 90 days after it stopped answering. */
const OLD_KEY_TAKEN_MS = 90 * 24 * 60 * 60 * 1000;

/**
 * Works out what a `key-rotation` notice means for the identity.
 *
 * It counts only in a session that stands on the key pinned now, names another key of the same hospital, and one that
 * was never pinned before: otherwise an old key, once stolen, could take the pin back.
 *
 * @returns The identity with the new pin, `undefined` where the notice does not count.
 * @throws {MessageError} `PAYLOAD_SCHEMA` for a credential that is not of the protocol's form.
 */
export async function rotateKey(
  { hospitalCredential, validUntil }: KeyRotation,
  input: { readonly identity: Identity; readonly session: Session; readonly crypto: Crypto },
): Promise<Identity | undefined> {
  const { identity, session, crypto } = input;
  const old = identity.pinned.credential.thumbprint;
  if (!equalBytes(session.hospital.credential.thumbprint, old)) return undefined;
  const pinned = await takeCredential(hospitalCredential, identity.hospitalId, crypto);
  const next = pinned.credential.thumbprint;
  const wasPinned = [old, ...identity.retired.map((key) => key.thumbprint)].some((known) =>
    equalBytes(known, next),
  );
  if (wasPinned) return undefined;
  return { ...identity, pinned, retired: [...identity.retired, { thumbprint: old, validUntil }] };
}

/**
 * Whether the hospital still takes an item that was signed for this key.
 *
 * @param nowMs - By the corrected clock.
 */
export function isStillTaken(
  recipient: Bytes,
  retired: readonly RetiredKey[],
  nowMs: number,
): boolean {
  const old = retired.find((key) => equalBytes(key.thumbprint, recipient));
  return old === undefined || nowMs <= old.validUntil + OLD_KEY_TAKEN_MS;
}

async function takeCredential(
  bytes: Bytes,
  hospitalId: string,
  crypto: Crypto,
): ReturnType<typeof loadHospitalKey> {
  try {
    return await loadHospitalKey(bytes, hospitalId, crypto);
  } catch (error) {
    if (!(error instanceof CoseError)) throw error;
    throw new MessageError("PAYLOAD_SCHEMA", "key-rotation.credential", { cause: error });
  }
}
