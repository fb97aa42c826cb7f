import type { Bytes, Crypto } from "@siphms/cose";
import { PatientError } from "../errors.ts";
import type { VaultStatus } from "../vault/vault.ts";
import type { PrfSecret } from "../vault/wrapping.ts";

/** What the patient's finger or face opens. */
export interface Passkeys {
  /** Whether this phone has something of the kind built in. */
  isAvailable(): Promise<boolean>;
  /**
   * Makes a new credential on this phone.
   *
   * @throws {PatientError} `PASSKEY_REFUSED` (nobody was recognised, or the patient went back), `PASSKEY_WITHOUT_PRF` (it
   *   cannot keep a secret for us).
   */
  create(): Promise<PrfSecret>;
  /** Asks for the secret of {@link create}. @throws {PatientError} as it. */
  read(prf: NonNullable<VaultStatus["prf"]>): Promise<Bytes>;
}

/** The part of the browser that is needed. */
export interface PasskeyPorts {
  readonly crypto: Crypto;
  /** `navigator.credentials`. */
  readonly credentials: Pick<CredentialsContainer, "create" | "get">;
  /** `PublicKeyCredential`, `undefined` where the browser has none. */
  readonly platform:
    { isUserVerifyingPlatformAuthenticatorAvailable(): Promise<boolean> } | undefined;
  /** The host that the credential belongs to. */
  readonly host: string;
  /** Shown by the phone beside the credential; no name of a person. */
  readonly label: string;
}

const TIMEOUT_MS = 120_000;
const SALT_BYTES = 32;

/**
 * WebAuthn as a keeper of one secret: the PRF extension's output for our salt. The phone gives it out only after it has
 * recognised its owner, and nothing that can be copied off the phone brings it back.
 *
 * @see https://www.w3.org/TR/webauthn-3/#prf-extension
 */
export function createPasskeys(ports: PasskeyPorts): Passkeys {
  const { crypto, credentials, platform } = ports;
  const get = async (credentialId: Bytes, salt: Bytes): Promise<Bytes> => {
    const found = await asked(() =>
      credentials.get({
        publicKey: {
          challenge: crypto.randomBytes(32),
          rpId: ports.host,
          allowCredentials: [{ type: "public-key", id: credentialId }],
          userVerification: "required",
          timeout: TIMEOUT_MS,
          extensions: { prf: { eval: { first: salt } } },
        },
      }),
    );
    return outputOf(found) ?? refuse("PASSKEY_WITHOUT_PRF");
  };
  return {
    isAvailable: async () =>
      (await platform?.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false)) ?? false,
    create: async () => {
      const salt = crypto.randomBytes(SALT_BYTES);
      const made = await asked(() => credentials.create({ publicKey: creation(ports, salt) }));
      const credentialId = new Uint8Array(made.rawId);
      // Some phones answer the PRF only when they are asked, not at once.
      const output = outputOf(made) ?? (await get(credentialId, salt));
      return { credentialId, salt, output };
    },
    read: ({ credentialId, salt }) => get(credentialId, salt),
  };
}

function creation(ports: PasskeyPorts, salt: Bytes): PublicKeyCredentialCreationOptions {
  const { crypto, host, label } = ports;
  return {
    challenge: crypto.randomBytes(32),
    rp: { id: host, name: label },
    user: { id: crypto.randomBytes(16), name: label, displayName: label },
    pubKeyCredParams: [
      { type: "public-key", alg: -7 },
      { type: "public-key", alg: -257 },
    ],
    authenticatorSelection: {
      // Only what is built into this phone: a key that one carries about would open it for its finder.
      authenticatorAttachment: "platform",
      residentKey: "preferred",
      userVerification: "required",
    },
    attestation: "none",
    timeout: TIMEOUT_MS,
    extensions: { prf: { eval: { first: salt } } },
  };
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let answer: Credential | null;
  try {
    answer = await ask();
  } catch (cause) {
    const isUnable = cause instanceof Error && cause.name === "NotSupportedError";
    return refuse(isUnable ? "PASSKEY_WITHOUT_PRF" : "PASSKEY_REFUSED", cause);
  }
  return answer instanceof PublicKeyCredential ? answer : refuse("PASSKEY_REFUSED");
}

function outputOf(credential: PublicKeyCredential): Bytes | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return undefined;
  const bytes = ArrayBuffer.isView(first)
    ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength).slice()
    : new Uint8Array(first);
  return bytes.length === 32 ? bytes : undefined;
}

function refuse(code: "PASSKEY_REFUSED" | "PASSKEY_WITHOUT_PRF", cause?: unknown): never {
  throw new PatientError(code, "The phone's fingerprint or face did not give the secret.", cause);
}
