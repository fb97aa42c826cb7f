import { UPLINK_TOKEN_SECONDS, UPLINK_TOKEN_TYPE } from "@siphms/relay";
import { SignJWT } from "jose";
import { randomBytes } from "node:crypto";
import type { PassKey } from "../keys/index.ts";

const JTI_BYTES = 16;
const MS_PER_SECOND = 1000;

/**
 * Makes the token with which the hospital opens its connection to a gateway: good for a minute, and once.
 *
 * @see protocol section 8; RFC 7519
 */
export async function createUplinkToken(
  claims: { readonly hospitalId: string; readonly gateway: string; readonly now: number },
  passKey: PassKey,
): Promise<string> {
  const nowSeconds = Math.floor(claims.now / MS_PER_SECOND);
  return new SignJWT()
    .setProtectedHeader({ alg: "ES256", typ: UPLINK_TOKEN_TYPE })
    .setIssuer(claims.hospitalId)
    .setAudience(claims.gateway)
    .setJti(randomBytes(JTI_BYTES).toString("base64url"))
    .setExpirationTime(nowSeconds + UPLINK_TOKEN_SECONDS)
    .sign(passKey.privateKey);
}
