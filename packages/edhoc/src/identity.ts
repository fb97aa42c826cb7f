import type { Bytes, SigningKey, VerifyKey } from "@siphms/cose";
import { equalBytes } from "@siphms/cose";
import type { EadItem } from "./ead.ts";
import { EdhocError } from "./edhoc-error.ts";
import type { IdCred } from "./id-cred.ts";

/** Who we are in a handshake. */
export interface OwnIdentity {
  /** How the peer finds our credential. */
  readonly idCred: IdCred;
  /** CRED_x: one CBOR item, the very bytes that the peer holds. */
  readonly cred: Bytes;
  readonly key: SigningKey;
}

/** Who the peer has to be for its signature to count. */
export interface PeerIdentity {
  /** CRED_x: one CBOR item, the bytes as they were received at enrolment, never encoded anew. */
  readonly cred: Bytes;
  readonly key: VerifyKey;
}

/**
 * Finds the credential that ID_CRED_x points to, among those of the peer's role alone.
 *
 * Called before the signature is checked, so everything it is given is still the claim of a stranger:
 * it must look up, not act. `undefined` ends the handshake with `EDHOC_UNKNOWN_CREDENTIAL`.
 */
export type ResolvePeer = (
  idCred: IdCred,
  ead: readonly EadItem[],
) => Promise<PeerIdentity | undefined>;

/**
 * Resolves the peer and refuses a credential by value that is not the one resolved.
 *
 * @throws {EdhocError} `EDHOC_UNKNOWN_CREDENTIAL`.
 */
export async function resolvePeer(
  resolve: ResolvePeer,
  idCred: IdCred,
  ead: readonly EadItem[],
): Promise<PeerIdentity> {
  const peer = await resolve(idCred, ead);
  if (peer === undefined) {
    throw new EdhocError(
      "EDHOC_UNKNOWN_CREDENTIAL",
      "ID_CRED_x points to no credential of the peer's role",
    );
  }
  // By value there is nothing to look up: another credential here would be a mistake of the resolver.
  if (idCred.kind === "ccs" && !equalBytes(idCred.cred, peer.cred)) {
    throw new EdhocError(
      "EDHOC_UNKNOWN_CREDENTIAL",
      "the credential by value is not the one resolved",
    );
  }
  return peer;
}

/**
 * Refuses a peer that presents our own credential: a reflected handshake.
 *
 * @throws {EdhocError} `EDHOC_UNKNOWN_CREDENTIAL`.
 * @see RFC 9528 §9.2
 */
export function refuseOwnCredential(ownCred: Bytes, peerCred: Bytes): void {
  if (equalBytes(ownCred, peerCred)) {
    throw new EdhocError("EDHOC_UNKNOWN_CREDENTIAL", "the peer presents our own credential");
  }
}
