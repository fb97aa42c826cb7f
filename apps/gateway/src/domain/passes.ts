import { decodeBase64Url, MAX_PASS_SECONDS, type Registration } from "@siphms/relay";
import type { Clock } from "@siphms/server-kit";
import { createHash } from "node:crypto";
import { CLOCK_TOLERANCE_SECONDS } from "./limits.ts";
import { readPassClaims, type PassClaims } from "./pass-claims.ts";
import { createPassMemory } from "./pass-memory.ts";
import { createPassSignatures, type SignaturePorts } from "./pass-signatures.ts";
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
export interface PassPorts extends SignaturePorts {
  readonly directory: HospitalDirectory;
  readonly isClosed: (session: SessionRef) => boolean;
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
   * A pass is verified once and then known by its hash, a good one until it expires or its hospital is expelled or
   * changed. What its text shows to be no pass for this session is refused before its signature is looked at.
   */
  check(presented: PresentedPass): Promise<Pass | Refusal>;
  /** Forgets passes that have expired. */
  forgetExpired(): void;
  size(): number;
  /** Refuses who waits for a check. */
  stop(): void;
}

/** What is kept of a good pass. No more than that: there is one for every session. */
interface Verified extends Pick<PassClaims, "sidText" | "limit" | "expiresAtSeconds"> {
  readonly hospital: Registration;
}

/** Forged passes that are remembered. */
const MAX_FORGED = 4096;
const FORGED = { reason: "pass-forged" } as const;

/** Creates the check of gateway passes. */
export function createPasses(ports: PassPorts): Passes {
  const { directory, clock } = ports;
  const good = createPassMemory<Verified>(ports.maxCached);
  // Kept apart, so that a flood of forgeries pushes no good pass out.
  const forged = createPassMemory<{ readonly hospital: Registration }>(MAX_FORGED);
  const signatures = createPassSignatures(ports);

  function isKnown({ hospital }: { readonly hospital: Registration }): boolean {
    // The very object, not only the same id: a new registration may carry another key.
    return directory.find(hospital.id) === hospital;
  }

  async function checkUnknown(hash: string, presented: PresentedPass): Promise<Pass | Refusal> {
    const claims = readPassClaims(presented.token);
    const hospital = claims === undefined ? undefined : directory.find(claims.issuer);
    if (claims === undefined || hospital === undefined) return malformed();
    const fault = faultOf(claims, presented.sidText, ports);
    if (fault !== undefined) return fault;
    if (forged.recall(hash, isKnown) !== undefined) return refuse("pass-invalid", FORGED);
    const { token, address } = presented;
    const isGood = await signatures.check({ token, hash, hospital, address });
    if (typeof isGood === "object") return isGood;
    if (!isGood) {
      forged.keep(hash, { hospital });
      return refuse("pass-invalid", FORGED);
    }
    const { sidText, limit, expiresAtSeconds } = claims;
    const verified = { hospital, sidText, limit, expiresAtSeconds };
    good.keep(hash, verified);
    return judge(verified, presented.sidText, ports);
  }

  return {
    async check(presented) {
      const hash = hashOf(presented.token);
      const known = good.recall(hash, (one) => isKnown(one) && !isExpired(one, clock));
      if (known === undefined) return checkUnknown(hash, presented);
      return judge(known, presented.sidText, ports);
    },
    forgetExpired() {
      good.forget((one) => isExpired(one, clock));
      forged.forget(() => true);
    },
    size: () => good.size(),
    stop() {
      signatures.stop();
    },
  };
}

function malformed(): Refusal {
  return refuse("pass-invalid", { reason: "pass-malformed" });
}

function isExpired(
  { expiresAtSeconds }: Pick<PassClaims, "expiresAtSeconds">,
  clock: Clock,
): boolean {
  return expiresAtSeconds * 1000 <= clock.now();
}

/** What is wrong with a pass's claims for this session, here and now. */
function faultOf(
  claims: PassClaims,
  sidText: string,
  { audience, clock }: Pick<PassPorts, "audience" | "clock">,
): Refusal | undefined {
  const latest = clock.now() / 1000 + MAX_PASS_SECONDS + CLOCK_TOLERANCE_SECONDS;
  if (claims.sidText !== sidText || claims.audience !== audience()) return malformed();
  if (claims.expiresAtSeconds > latest) return malformed();
  return isExpired(claims, clock) ? refuse("session-expired") : undefined;
}

function judge(verified: Verified, sidText: string, ports: PassPorts): Pass | Refusal {
  if (verified.sidText !== sidText) return malformed();
  const session = { hospital: verified.hospital.id, sid: decodeBase64Url(sidText) };
  if (isExpired(verified, ports.clock) || ports.isClosed(session)) return refuse("session-expired");
  return { kind: "valid", session, limit: verified.limit };
}

// The token itself is a secret of its bearer; what stays in memory is not.
function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
