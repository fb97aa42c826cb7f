import {
  createHash,
  createSign,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import type { NewPasskey, PasskeyCreation, PasskeyProof, PasskeyRequest } from "@siphms/api";
import { concatBytes, encodeCbor, fromBase64Url, toBase64Url } from "@siphms/cose";

/** What a test changes in an honest authenticator's answer. */
export interface Lie {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  readonly counter?: number;
  readonly userHandle?: string | null;
  /** Signs with another key than the passkey's. */
  readonly foreignKey?: boolean;
  readonly attestationFormat?: string;
}

/** An authenticator without a person: it says that one was verified. */
export interface UnsafeAuthenticator {
  readonly credentialId: string;
  /** How many signatures it says it has made. */
  counter: number;
  create(options: PasskeyCreation, lie?: Lie): NewPasskey;
  prove(options: PasskeyRequest, lie?: Lie): PasskeyProof;
  /** Another one with the same credential and key, as an attacker would have copied it. */
  clone(): UnsafeAuthenticator;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

/** What an authenticator keeps of one passkey. */
interface Kept {
  readonly origin: string;
  readonly id: Uint8Array;
  readonly key: KeyObject;
  readonly handle: string | null;
}

/** Makes an authenticator in software, on the origin of `origin`. For tests. */
export function createUnsafeAuthenticator(
  origin: string,
  keep: { readonly id?: Uint8Array; readonly key?: KeyObject; readonly counter?: number } = {},
): UnsafeAuthenticator {
  const id = keep.id ?? new Uint8Array(randomBytes(32));
  let kept: Kept = { origin, id, key: keep.key ?? newKey(), handle: null };
  const authenticator: UnsafeAuthenticator = {
    credentialId: toBase64Url(id),
    counter: keep.counter ?? 0,
    create(options, lie = {}) {
      kept = { ...kept, handle: options.user.id };
      return createCredential(kept, options, { counter: authenticator.counter, ...lie });
    },
    prove(options, lie = {}) {
      if (authenticator.counter > 0) authenticator.counter += 1;
      return signChallenge(kept, options, { counter: authenticator.counter, ...lie });
    },
    clone: () =>
      createUnsafeAuthenticator(origin, { id, key: kept.key, counter: authenticator.counter }),
  };
  return authenticator;
}

function createCredential(
  { id, key, origin }: Kept,
  { rp, challenge }: PasskeyCreation,
  lie: Lie,
): NewPasskey {
  const authData = concatBytes(
    authenticatorData(rp.id, lie, ATTESTED),
    new Uint8Array(16),
    Uint8Array.of(id.length >> 8, id.length & 255),
    id,
    coseKey(key),
  );
  const attestationObject = encodeCbor(
    new Map<string, string | Uint8Array<ArrayBuffer> | Map<string, string>>([
      ["fmt", lie.attestationFormat ?? "none"],
      ["attStmt", new Map()],
      ["authData", authData],
    ]),
  );
  return {
    ...namesOf(id),
    clientExtensionResults: { credProps: { rk: true } },
    authenticatorAttachment: "platform",
    response: {
      clientDataJSON: clientData("webauthn.create", challenge, { origin, ...lie }),
      attestationObject: toBase64Url(attestationObject),
      transports: ["internal"],
    },
  };
}

function signChallenge(
  { id, key, origin, handle }: Kept,
  { rpId, challenge }: PasskeyRequest,
  lie: Lie,
): PasskeyProof {
  const authData = authenticatorData(rpId, lie, 0);
  const clientDataJSON = clientData("webauthn.get", challenge, { origin, ...lie });
  const signature = createSign("sha256")
    .update(authData)
    .update(sha256(fromBase64Url(clientDataJSON)))
    .sign(lie.foreignKey === true ? newKey() : key);
  return {
    ...namesOf(id),
    clientExtensionResults: {},
    response: {
      clientDataJSON,
      authenticatorData: toBase64Url(authData),
      signature: toBase64Url(signature),
      userHandle: lie.userHandle === undefined ? handle : lie.userHandle,
    },
  };
}

function namesOf(id: Uint8Array) {
  return { id: toBase64Url(id), rawId: toBase64Url(id), type: "public-key" as const };
}

function authenticatorData(rpId: string, lie: Lie, flags: number): Uint8Array<ArrayBuffer> {
  const present = lie.userPresent === false ? 0 : USER_PRESENT;
  const verified = lie.userVerified === false ? 0 : USER_VERIFIED;
  const counter = new Uint8Array(4);
  new DataView(counter.buffer).setUint32(0, lie.counter ?? 0);
  return concatBytes(
    sha256(new TextEncoder().encode(lie.rpId ?? rpId)),
    Uint8Array.of(flags | present | verified),
    counter,
  );
}

function clientData(type: string, challenge: string, lie: Lie): string {
  const data = {
    type: lie.type ?? type,
    challenge: lie.challenge ?? challenge,
    origin: lie.origin,
  };
  return toBase64Url(new TextEncoder().encode(JSON.stringify({ ...data, crossOrigin: false })));
}

/** COSE_Key of an ES256 key (RFC 9053 §7.1). */
function coseKey(key: KeyObject): Uint8Array {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  return encodeCbor(
    new Map<number, number | Uint8Array<ArrayBuffer>>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, fromBase64Url(x)],
      [-3, fromBase64Url(y)],
    ]),
  );
}

function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function sha256(data: Uint8Array): Uint8Array {
  return createHash("sha256").update(data).digest();
}
