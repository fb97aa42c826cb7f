import {
  decodeBase64Url,
  MAX_PASS_BYTES,
  MAX_PASS_ENVELOPES_PER_MINUTE,
  RelayError,
  SID_BYTES,
} from "@siphms/relay";

/** What a pass says (protocol section 8). Nothing of it holds before its signature is verified. */
export interface PassClaims {
  /** hospital-id. */
  readonly issuer: string;
  /** gateway-url. */
  readonly audience: string;
  readonly sidText: string;
  /** Envelopes a minute. */
  readonly limit: number;
  readonly expiresAtSeconds: number;
}

// 64 bytes of signature are 86 characters.
const COMPACT_FORM = /^([\w-]+)\.([\w-]+)\.[\w-]{86}$/;

/**
 * Reads what a pass says, or `undefined` where it does not have a pass's form.
 *
 * It costs a stranger's text a twentieth of what a signature would: most of what is no pass is known by this.
 */
export function readPassClaims(token: string): PassClaims | undefined {
  if (token.length > MAX_PASS_BYTES) return undefined;
  const [, header, payload] = COMPACT_FORM.exec(token) ?? [];
  if (header === undefined || payload === undefined || !isPassHeader(header)) return undefined;
  const { iss, aud, sub, lim, exp } = parsePart(payload);
  if (typeof iss !== "string" || typeof aud !== "string" || !isSid(sub)) return undefined;
  if (!isLimit(lim) || typeof exp !== "number") return undefined;
  return { issuer: iss, audience: aud, sidText: sub, limit: lim, expiresAtSeconds: exp };
}

function isPassHeader(header: string): boolean {
  const { alg, typ } = parsePart(header);
  // RFC 8725 §3.11: the uplink's tokens are signed by the same key and must never open a session.
  return alg === "ES256" && (typ === undefined || typ === "JWT");
}

/** The members of a part, none where it is no object. */
function parsePart(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function isSid(value: unknown): value is string {
  if (typeof value !== "string") return false;
  try {
    return decodeBase64Url(value).length === SID_BYTES;
  } catch (error) {
    if (error instanceof RelayError) return false;
    throw error;
  }
}

function isLimit(value: unknown): value is number {
  return (
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_PASS_ENVELOPES_PER_MINUTE
  );
}
