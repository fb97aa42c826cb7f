import type { PasskeyCreation, PasskeyRequest, SessionInfo } from "@siphms/api";
import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  type RegistrationResponseJSON,
} from "@simplewebauthn/browser";
import { callApi, callOnce } from "../client.ts";

/** The authenticator gave nothing: the person closed its window, it knows no passkey, or there is none at all. */
export class PasskeyError extends Error {
  readonly why: "given-up" | "unsupported";

  constructor(why: "given-up" | "unsupported", cause?: unknown) {
    super("the authenticator gave nothing", { cause });
    this.name = "PasskeyError";
    this.why = why;
  }
}

/** Where a proof by passkey begins and ends: signing in, or proving anew. */
export interface ProofPaths {
  readonly request: string;
  readonly proof: string;
}

/**
 * Proves with a passkey who the person is.
 *
 * @param options.autofill - Waits until the person picks one from what the browser offers in the name field.
 * @throws {PasskeyError} when the authenticator gave nothing.
 * @throws {ApiError} `log-in-refused`
 */
export async function proveByPasskey(
  paths: ProofPaths,
  { autofill = false }: { readonly autofill?: boolean } = {},
): Promise<SessionInfo> {
  requireSupport();
  const optionsJSON = await callOnce<PasskeyRequest>(paths.request, { method: "POST" });
  const body = await startAuthentication({ optionsJSON, useBrowserAutofill: autofill }).catch(
    givenUp,
  );
  return callOnce<SessionInfo>(paths.proof, { method: "POST", body });
}

/** Makes a new passkey after what the hospital asks for. @throws {PasskeyError} when the authenticator made none. */
export async function createPasskey(
  path: string,
  body?: unknown,
): Promise<RegistrationResponseJSON> {
  requireSupport();
  const optionsJSON = await callApi<PasskeyCreation>(path, { method: "POST", body });
  return startRegistration({
    optionsJSON: { ...optionsJSON, excludeCredentials: [...optionsJSON.excludeCredentials] },
  }).catch(givenUp);
}

function requireSupport(): void {
  if (!browserSupportsWebAuthn()) throw new PasskeyError("unsupported");
}

function givenUp(cause: unknown): never {
  throw new PasskeyError("given-up", cause);
}
