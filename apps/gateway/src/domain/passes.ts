import {
  decodeBase64Url,
  MAX_PASS_BYTES,
  MAX_PASS_ENVELOPES_PER_MINUTE,
  MAX_PASS_SECONDS,
  RelayError,
  SID_BYTES,
  type Registration,
} from "@siphms/relay";
import type { Clock } from "@siphms/server-kit";
import { decodeJwt, errors, jwtVerify, type JWTPayload } from "jose";
import { createHash } from "node:crypto";
import { CLOCK_TOLERANCE_SECONDS } from "./limits.ts";
import type { HospitalDirectory, SessionRef } from "./ports.ts";
import { refuse, type Refusal } from "./refusal.ts";

/** A pass that was verified: the bearer may use this session until it expires. */
export interface Pass {
  readonly kind: "valid";
  readonly session: SessionRef;
  /** Envelopes a minute. */
  readonly limit: number;
}

/** What {@link createPasses} works with. */
export interface PassPorts {
  readonly directory: HospitalDirectory;
  readonly isClosed: (session: SessionRef) => boolean;
  /** Whether a client may cost us a verification now; verified passes cost none. */
  readonly admitVerification: (address: string) => Refusal | undefined;
  readonly clock: Clock;
  /** The gateway-url that passes must name; asked each time because a port may be known only after listening. */
  readonly audience: () => string;
  readonly maxCached: number;
}

/** A pass as a request presents it. */
export interface PresentedPass {
  /** What stands behind `Bearer`. */
  readonly token: string;
  /** The sid as the request's address spells it. */
  readonly sidText: string;
  /** From where the request came. */
  readonly address: string;
}

/** Decides whether a bearer may use a session. */
export interface Passes {
  /**
   * Checks a pass for the session that the address names.
   *
   * A pass is verified once and then known by its hash until it expires or its hospital is expelled or changed.
   */
  check(presented: PresentedPass): Promise<Pass | Refusal>;
  /** Forgets passes that have expired. */
  forgetExpired(): void;
  size(): number;
}

interface Verified {
  readonly hospital: Registration;
  readonly sidText: string;
  readonly pass: Pass;
  readonly expiresAtSeconds: number;
}

/** Creates the check of gateway passes. */
export function createPasses(ports: PassPorts): Passes {
  const { directory, isClosed, clock, maxCached } = ports;
  const cache = new Map<string, Verified>();

  function recall(hash: string): Verified | undefined {
    const known = cache.get(hash);
    // The very object, not only the same id: a new registration may carry another key.
    if (known !== undefined && directory.find(known.hospital.id) === known.hospital) return known;
    cache.delete(hash);
    return undefined;
  }

  function remember(hash: string, verified: Verified): void {
    const oldest = cache.size >= maxCached ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    cache.set(hash, verified);
  }

  function judge(hash: string, verified: Verified, sidText: string): Pass | Refusal {
    if (verified.sidText !== sidText) return refuse("pass-invalid");
    if (verified.expiresAtSeconds * 1000 <= clock.now()) {
      cache.delete(hash);
      return refuse("session-expired");
    }
    return isClosed(verified.pass.session) ? refuse("session-expired") : verified.pass;
  }

  return {
    async check({ token, sidText, address }) {
      const hash = hashOf(token);
      const known = recall(hash);
      if (known !== undefined) return judge(hash, known, sidText);
      const busy = ports.admitVerification(address);
      if (busy !== undefined) return busy;
      const verified = await verifyPass(token, ports);
      if (!("pass" in verified)) return verified;
      remember(hash, verified);
      return judge(hash, verified, sidText);
    },
    forgetExpired() {
      const now = clock.now();
      for (const [hash, { expiresAtSeconds }] of cache) {
        if (expiresAtSeconds * 1000 <= now) cache.delete(hash);
      }
    },
    size: () => cache.size,
  };
}

// The token itself is a secret of its bearer; what stays in memory is not.
function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

async function verifyPass(
  token: string,
  { directory, clock, audience }: PassPorts,
): Promise<Verified | Refusal> {
  if (token.length > MAX_PASS_BYTES) return refuse("pass-invalid");
  try {
    const hospital = directory.find(decodeJwt(token).iss ?? "");
    if (hospital === undefined) return refuse("pass-invalid");
    const now = clock.now();
    const { payload, protectedHeader } = await jwtVerify(token, hospital.passKey, {
      algorithms: ["ES256"],
      audience: audience(),
      requiredClaims: ["sub", "exp", "lim"],
      currentDate: new Date(now),
    });
    // RFC 8725 §3.11: the uplink's tokens are signed by the same key and must never open a session.
    if (protectedHeader.typ !== undefined && protectedHeader.typ !== "JWT") {
      return refuse("pass-invalid");
    }
    return readClaims(payload, hospital, now);
  } catch (error) {
    // Thrown only when signature and audience were right.
    if (error instanceof errors.JWTExpired) return refuse("session-expired");
    if (error instanceof errors.JOSEError || isBadInput(error)) return refuse("pass-invalid");
    throw error;
  }
}

function readClaims(
  payload: JWTPayload,
  hospital: Registration,
  nowMs: number,
): Verified | Refusal {
  // jose checks that exp is a number, and nothing about the types of the others.
  const { exp = 0, sub, lim } = payload as JWTPayload & Record<"sub" | "lim", unknown>;
  const latest = nowMs / 1000 + MAX_PASS_SECONDS + CLOCK_TOLERANCE_SECONDS;
  if (exp > latest || typeof sub !== "string" || !isLimit(lim)) return refuse("pass-invalid");
  const sid = decodeBase64Url(sub);
  if (sid.length !== SID_BYTES) return refuse("pass-invalid");
  return {
    hospital,
    sidText: sub,
    pass: { kind: "valid", session: { hospital: hospital.id, sid }, limit: lim },
    expiresAtSeconds: exp,
  };
}

function isLimit(value: unknown): value is number {
  return (
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_PASS_ENVELOPES_PER_MINUTE
  );
}

// jose throws a plain TypeError or a DOMException for keys and encodings that it cannot work with at all.
function isBadInput(error: unknown): boolean {
  return error instanceof RelayError || error instanceof TypeError || error instanceof DOMException;
}
