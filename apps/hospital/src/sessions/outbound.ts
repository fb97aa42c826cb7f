import type { Bytes, Crypto } from "@siphms/cose";
import { encodeEnvelope, prepareSealing, signMessage, type Typ } from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { LiveSession } from "./live-sessions.ts";

/** Signs a payload for the session's device with the session's hospital key. */
export async function signForDevice(
  session: Pick<LiveSession, "hospital" | "device">,
  message: { readonly typ: Typ; readonly payload: Uint8Array },
  crypto: Crypto,
): Promise<Bytes> {
  const { credential, key } = session.hospital;
  const { signed } = await signMessage(
    {
      ...message,
      sender: credential,
      recipientThumbprint: session.device.thumbprint,
      key,
    },
    crypto,
  );
  return signed;
}

/**
 * Seals a signed message towards the device.
 *
 * @param message - `seq` must have been taken from `sessions.down_seq` in the transaction that will store these bytes:
 *   one seq never seals two plaintexts.
 */
export function sealForDevice(
  session: Pick<LiveSession, "keys">,
  message: { readonly seq: number; readonly signed: Uint8Array },
  crypto: Pick<NodeCrypto, "sealSync">,
): Bytes {
  const { protectedBytes, key, nonce, aad } = prepareSealing(session.keys, 1, message.seq);
  return encodeEnvelope(protectedBytes, crypto.sealSync(key, nonce, aad, message.signed));
}
