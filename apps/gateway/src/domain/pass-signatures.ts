import type { Registration } from "@siphms/relay";
import type { Clock } from "@siphms/server-kit";
import { errors, jwtVerify } from "jose";
import type { AddressLimit } from "./address-limit.ts";
import { createFairShare } from "./fair-share.ts";
import { CHECK_RETRY_SECONDS, MAX_PASS_CHECKS } from "./limits.ts";
import { createPacedLine } from "./paced-line.ts";
import { addressKey } from "./rates.ts";
import { refuse, type Refusal } from "./refusal.ts";
import type { Vouchers } from "./vouchers.ts";

/** What {@link createPassSignatures} works with. */
export interface SignaturePorts {
  /** What an address may cost us in signatures that are false; good ones are excused. */
  readonly addressLimit: AddressLimit;
  /** Who has one does not wait. */
  readonly vouchers: Vouchers;
  readonly clock: Clock;
  /** The gateway-url that passes must name; asked each time because a port may be known only after listening. */
  readonly audience: () => string;
}

/** A pass whose signature is in question. */
export interface UnknownPass {
  readonly token: string;
  /** Of the token, for finding it again. */
  readonly hash: string;
  /** Whose key it has to be signed with. */
  readonly hospital: Registration;
  /** From where it came. */
  readonly address: string;
}

/** Checks signatures of passes that nobody has checked before: the dearest thing that a stranger can ask for. */
export interface PassSignatures {
  /** @returns Whether it is good, or a refusal to look: too many false ones, or too many at once, from that address. */
  check(pass: UnknownPass): Promise<boolean | Refusal>;
  stop(): void;
}

/** Good ones at once: more would only wait for a core. */
const AT_ONCE = 8;
/** After a false one the next has to wait so long: a flood of them takes a thirtieth of a core, from wherever it comes. */
const PAUSE_AFTER_FALSE_MS = 5;

/** Creates the check of signatures. */
export function createPassSignatures(ports: SignaturePorts): PassSignatures {
  const { addressLimit, vouchers } = ports;
  const underWay = new Map<string, Promise<boolean>>();
  const places = createFairShare(MAX_PASS_CHECKS);
  const line = createPacedLine(AT_ONCE, PAUSE_AFTER_FALSE_MS);

  async function verify(pass: UnknownPass, run: RunCheck): Promise<boolean> {
    const { token, hash, hospital, address } = pass;
    try {
      const isGood = await run(() => hasGoodSignature(token, hospital, ports));
      if (isGood) addressLimit.excuse(address);
      return isGood;
    } finally {
      places.giveBack(addressKey(address));
      underWay.delete(hash);
    }
  }

  return {
    async check(pass) {
      const { hash, address } = pass;
      // Several requests that show the same new pass at once cost one verification.
      const other = underWay.get(hash);
      if (other !== undefined) return other;
      const busy = addressLimit.admit(address);
      if (busy !== undefined) return busy;
      if (!places.take(addressKey(address))) {
        addressLimit.excuse(address);
        const retryAfterSeconds = CHECK_RETRY_SECONDS;
        return refuse("slow-down", { reason: "check-places", retryAfterSeconds });
      }
      // Who has just been let in does not stand in line behind a flood.
      const result = verify(pass, vouchers.take(address) ? (check) => check() : line.run);
      underWay.set(hash, result);
      return result;
    },
    stop() {
      line.stop();
    },
  };
}

type RunCheck = (check: () => Promise<boolean>) => Promise<boolean>;

async function hasGoodSignature(
  token: string,
  hospital: Registration,
  { clock, audience }: SignaturePorts,
): Promise<boolean> {
  try {
    await jwtVerify(token, hospital.passKey, {
      algorithms: ["ES256"],
      audience: audience(),
      requiredClaims: ["sub", "exp", "lim"],
      currentDate: new Date(clock.now()),
    });
    return true;
  } catch (error) {
    // jose throws a plain TypeError or a DOMException for keys and encodings that it cannot work with at all.
    const isBadInput =
      error instanceof errors.JOSEError ||
      error instanceof TypeError ||
      error instanceof DOMException;
    if (isBadInput) return false;
    throw error;
  }
}
