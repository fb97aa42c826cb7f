import {
  DEVICE_SUB,
  equalBytes,
  parseCredential,
  type Credential,
  type Crypto,
} from "@siphms/cose";
import type { IdCred } from "@siphms/edhoc";
import type { Queryable } from "../database/index.ts";
import { findDevicesByKids, type Device } from "../enrolment/index.ts";
import type { HospitalIdentity, Keyring } from "../keys/index.ts";
import { gather } from "./gather.ts";
import { openSender, type DeviceSender } from "./live-sessions.ts";
import { HandshakeRefusal } from "./refusal.ts";

/** Who a message_3 claims to come from: a device that is bound, or a new key with a token. */
export type HandshakePeer =
  | { readonly kind: "bound"; readonly device: Device; readonly sender: DeviceSender }
  | { readonly kind: "new"; readonly credential: Credential; readonly sender: DeviceSender };

/** What finding a peer needs. */
export interface PeerPorts {
  readonly database: Queryable;
  readonly keyring: Keyring;
  readonly crypto: Crypto;
  readonly identities: readonly HospitalIdentity[];
}

/**
 * Finds the credential that a message_3 has to be signed with. Looks only: nothing has verified yet.
 *
 * By kid only pending and active bindings are found, so that unknown, revoked and dropped devices are one and the same
 * to whoever asks. By value the key is taken as it is; whether it may redeem its token is for the redemption to say.
 *
 * @throws {HandshakeRefusal} `device-not-bound`, `own-key`
 * @throws {CoseError} `CREDENTIAL_INVALID`: a hospital's credential among them, for its `sub`.
 * @throws {KeyError} `ROW_ALTERED`
 */
export type FindPeer = (idCred: IdCred) => Promise<HandshakePeer>;

/** Prepares {@link FindPeer}. Devices that are asked for together are read together. */
export function createFindPeer({ database, keyring, crypto, identities }: PeerPorts): FindPeer {
  const findDevice = gather((kids: readonly Uint8Array[]) =>
    findDevicesByKids(database, keyring, kids),
  );
  return async (idCred) => {
    switch (idCred.kind) {
      case "kid": {
        const device = await findDevice(idCred.kid);
        if (device === undefined || !isBound(device)) {
          throw new HandshakeRefusal("device-not-bound");
        }
        const sender = await openSender(device, crypto);
        refuseOwnKey(sender.thumbprint, identities);
        return { kind: "bound", device, sender };
      }
      case "ccs": {
        const credential = await parseCredential(idCred.cred, DEVICE_SUB, crypto);
        refuseOwnKey(credential.thumbprint, identities);
        const key = await crypto.importVerifyKey(credential.point);
        return { kind: "new", credential, sender: { ...credential, key } };
      }
      case "other":
        throw new HandshakeRefusal("device-not-bound");
    }
  };
}

/** Whether a session may begin with this binding. */
export function isBound(device: Device): boolean {
  return device.state === "pending" || device.state === "active";
}

function refuseOwnKey(thumbprint: Uint8Array, identities: readonly HospitalIdentity[]): void {
  if (identities.some(({ credential }) => equalBytes(credential.thumbprint, thumbprint))) {
    throw new HandshakeRefusal("own-key");
  }
}
