import { UPLINK_TOKEN_SECONDS, UPLINK_TOKEN_TYPE, type Registration } from "@siphms/relay";
import type { Clock } from "@siphms/server-kit";
import { decodeJwt, errors, jwtVerify, type JWTPayload } from "jose";
import { CLOCK_TOLERANCE_SECONDS } from "./limits.ts";
import type { HospitalDirectory, QueueStore } from "./ports.ts";

/** What {@link verifyUplinkToken} works with. */
export interface UplinkTokenPorts {
  readonly directory: HospitalDirectory;
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly audience: () => string;
}

const MAX_TOKEN_CHARACTERS = 2048;
const JTI_PATTERN = /^[\w-]{8,64}$/;

/**
 * Says which hospital presents this uplink token, or `undefined` for any fault, without saying which.
 *
 * A token is good for a minute and once, also across a restart.
 */
export async function verifyUplinkToken(
  token: string,
  ports: UplinkTokenPorts,
): Promise<Registration | undefined> {
  if (token.length > MAX_TOKEN_CHARACTERS) return undefined;
  try {
    const hospital = ports.directory.find(decodeJwt(token).iss ?? "");
    if (hospital === undefined) return undefined;
    const now = ports.clock.now();
    const { payload } = await jwtVerify(token, hospital.passKey, {
      algorithms: ["ES256"],
      typ: UPLINK_TOKEN_TYPE,
      audience: ports.audience(),
      requiredClaims: ["exp", "jti"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
    });
    const fresh = isShortLived(payload, now) && (await isFirstUse(payload, hospital, ports));
    return fresh ? hospital : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

function isShortLived({ exp = 0 }: JWTPayload, now: number): boolean {
  return exp * 1000 <= now + (UPLINK_TOKEN_SECONDS + CLOCK_TOLERANCE_SECONDS) * 1000;
}

async function isFirstUse(
  { exp = 0, jti }: JWTPayload & { readonly jti?: unknown },
  hospital: Registration,
  { store }: UplinkTokenPorts,
): Promise<boolean> {
  if (typeof jti !== "string" || !JTI_PATTERN.test(jti)) return false;
  const forgetAt = Math.ceil(exp + CLOCK_TOLERANCE_SECONDS) * 1000;
  return store.useTokenOnce(`${hospital.id}\0${jti}`, forgetAt);
}
