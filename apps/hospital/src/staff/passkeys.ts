import type { NewPasskey, PasskeyCreation, PasskeyProof, PasskeyRequest } from "@siphms/api";
import { fromBase64Url, toBase64Url, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import {
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from "@simplewebauthn/server";
import type { Keyring } from "../keys/index.ts";
import {
  CHALLENGE_LIFETIME_MS,
  createChallenge,
  isChallengeFor,
  type ChallengeUse,
} from "./challenges.ts";
import type { StaffPasskey } from "./passkey-rows.ts";
import type { Staff } from "./staff-rows.ts";

/** What passkeys are asked for and checked with. */
export interface PasskeyPorts {
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly consoleOrigin: string;
  readonly hospitalName: string;
}

/** An answer of an authenticator that holds: which challenge it answered, and what it said. */
export interface VerifiedPasskey {
  readonly challenge: string;
  readonly counter: number;
}

/** A new credential that holds. */
export interface VerifiedCreation extends VerifiedPasskey {
  readonly credentialId: Bytes;
  readonly publicKey: Bytes;
}

/** ES256, EdDSA, RS256: one of them is known to every authenticator. */
const ALGORITHMS = [-7, -8, -257];

/** What a browser is asked for when somebody signs in or proves anew who they are. */
export function requestPasskey(
  use: ChallengeUse,
  ports: PasskeyPorts,
  now: number,
): PasskeyRequest {
  return {
    challenge: createChallenge(use, { ...ports, now }),
    rpId: rpIdOf(ports),
    timeout: CHALLENGE_LIFETIME_MS,
    userVerification: "required",
  };
}

/** What a browser is asked for when somebody adds a passkey. @param input.known - Those that are registered already. */
export function requestCreation(
  input: {
    readonly use: ChallengeUse;
    readonly staff: Staff;
    readonly known: readonly StaffPasskey[];
  },
  ports: PasskeyPorts,
  now: number,
): PasskeyCreation {
  const { use, staff, known } = input;
  return {
    challenge: createChallenge(use, { ...ports, now }),
    rp: { id: rpIdOf(ports), name: ports.hospitalName },
    user: {
      id: userHandleOf(staff.id, ports.keyring),
      name: staff.name,
      displayName: staff.name,
    },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: known.map(({ credentialId }) => ({
      type: "public-key",
      id: toBase64Url(credentialId),
    })),
    authenticatorSelection: {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    },
    attestation: "none",
    timeout: CHALLENGE_LIFETIME_MS,
  };
}

/**
 * Checks what an authenticator made: our challenge, our origin, the person verified (SR-01, SR-02, SR-03).
 *
 * @returns `undefined` for anything else, whatever it is. Whether the challenge was used before is still to be asked.
 */
export async function verifyCreation(
  credential: NewPasskey,
  use: ChallengeUse,
  ports: PasskeyPorts & { readonly now: number },
): Promise<VerifiedCreation | undefined> {
  let challenge = "";
  const { registrationInfo } = await orNothing(() =>
    verifyRegistrationResponse({
      response: registrationOf(credential),
      expectedChallenge: (answered) => {
        challenge = answered;
        return isChallengeFor(answered, use, ports);
      },
      expectedOrigin: ports.consoleOrigin,
      expectedRPID: rpIdOf(ports),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  );
  if (registrationInfo?.userVerified !== true) return undefined;
  const { id, publicKey, counter } = registrationInfo.credential;
  return {
    challenge,
    credentialId: fromBase64Url(id),
    publicKey: publicKey.slice(),
    counter,
  };
}

/**
 * Checks what an authenticator signed with a passkey: our challenge, our origin, the person verified, the passkey's key.
 *
 * Leaves the counter to the caller, who knows then that the signature is the passkey's own.
 *
 * @returns `undefined` for anything else, whatever it is. Whether the challenge was used before is still to be asked.
 */
export async function verifyProof(
  input: {
    readonly proof: PasskeyProof;
    readonly passkey: StaffPasskey;
    readonly use: ChallengeUse;
  },
  ports: PasskeyPorts & { readonly now: number },
): Promise<VerifiedPasskey | undefined> {
  const { proof, passkey, use } = input;
  const handle = proof.response.userHandle ?? undefined;
  if (handle !== undefined && handle !== userHandleOf(passkey.staffId, ports.keyring)) {
    return undefined;
  }
  let challenge = "";
  const { verified, authenticationInfo } = await orNothing(() =>
    verifyAuthenticationResponse({
      response: authenticationOf(proof),
      expectedChallenge: (answered) => {
        challenge = answered;
        return isChallengeFor(answered, use, ports);
      },
      expectedOrigin: ports.consoleOrigin,
      expectedRPID: rpIdOf(ports),
      requireUserVerification: true,
      credential: {
        id: toBase64Url(passkey.credentialId),
        publicKey: passkey.publicKey,
        // 0 switches the library's own rule off, which comes before the signature: anybody could trip it.
        counter: 0,
      },
    }),
  );
  if (!verified || !authenticationInfo.userVerified) return undefined;
  return { challenge, counter: authenticationInfo.newCounter };
}

/**
 * Whether a signature's count says that there is a second authenticator with the same key (WebAuthn §6.1.1, SR-04).
 * One that counts nothing always says 0.
 */
export function isCloned(stored: number, counted: number): boolean {
  return (stored > 0 || counted > 0) && counted <= stored;
}

/** The library throws for everything that does not hold, and its messages quote the request: they go nowhere. */
async function orNothing<Outcome extends { readonly verified: boolean }>(
  verify: () => Promise<Outcome>,
): Promise<
  Outcome | { readonly verified: false; registrationInfo?: never; authenticationInfo?: never }
> {
  try {
    return await verify();
  } catch {
    return { verified: false };
  }
}

function rpIdOf({ consoleOrigin }: PasskeyPorts): string {
  return new URL(consoleOrigin).hostname;
}

/** Says nothing about a person, and is the same each time, so that an authenticator replaces and does not collect. */
function userHandleOf(staffId: number, keyring: Keyring): string {
  return toBase64Url(keyring.blindIndex("staff-passkey-user", String(staffId)));
}

function registrationOf({ id, rawId, response }: NewPasskey): RegistrationResponseJSON {
  const { clientDataJSON, attestationObject } = response;
  return {
    id,
    rawId,
    type: "public-key",
    response: { clientDataJSON, attestationObject },
    clientExtensionResults: {},
  };
}

function authenticationOf({ id, rawId, response }: PasskeyProof): AuthenticationResponseJSON {
  const { clientDataJSON, authenticatorData, signature } = response;
  return {
    id,
    rawId,
    type: "public-key",
    response: { clientDataJSON, authenticatorData, signature },
    clientExtensionResults: {},
  };
}
