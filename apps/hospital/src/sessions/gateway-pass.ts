import { toBase64Url, type Bytes } from "@siphms/cose";
import { SignJWT } from "jose";
import type { PassKey } from "../keys/index.ts";

/** What a pass lets its bearer do. */
export interface PassClaims {
  readonly hospitalId: string;
  /** gateway-url. */
  readonly gateway: string;
  readonly sid: Bytes;
  /** ms; rounded down to seconds. */
  readonly expiresAt: number;
  readonly envelopesPerMinute: number;
}

const MS_PER_SECOND = 1000;

/**
 * Makes the gateway pass of a session. It names no patient and no device.
 *
 * @see protocol section 8; RFC 7519
 */
export async function createGatewayPass(claims: PassClaims, passKey: PassKey): Promise<string> {
  return new SignJWT({ lim: claims.envelopesPerMinute })
    .setProtectedHeader({ alg: "ES256", typ: "JWT" })
    .setIssuer(claims.hospitalId)
    .setAudience(claims.gateway)
    .setSubject(toBase64Url(claims.sid))
    .setExpirationTime(Math.floor(claims.expiresAt / MS_PER_SECOND))
    .sign(passKey.privateKey);
}
