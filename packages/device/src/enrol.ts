import {
  commitment,
  confirmationCode,
  MessageError,
  parseInvitationLink,
  type Invitation,
} from "@siphms/messages";
import type { Bytes, Crypto } from "@siphms/cose";
import { DeviceError } from "./errors.ts";
import type { HandshakeResult } from "./handshake.ts";
import type { OpenEnrolment } from "./identity.ts";
import type { IdentityKeeper } from "./identity-keeper.ts";
import type { Session } from "./session.ts";
import type { DeviceEvent } from "./status.ts";

/**
 * Protocol section 4: after so many codes for one invitation the device gives up, so that a false hospital cannot try
 * until one fits.
 */
const MAX_CODES = 3;
const NONCE_D_BYTES = 32;

/** What an enrolment does with the rest of the engine. */
export interface EnrolmentContext {
  readonly crypto: Crypto;
  readonly keeper: IdentityKeeper;
  readonly emit: (event: DeviceEvent) => void;
  readonly shakeHands: (options: {
    readonly byValue?: { readonly token: Bytes; readonly commitment: Bytes };
    readonly beforeMessage3?: () => Promise<void>;
  }) => Promise<HandshakeResult>;
  /** Takes a session into use. */
  readonly adopt: (result: HandshakeResult) => Promise<void>;
  /** Sends `confirm` in exactly this session and waits for the answer. */
  readonly confirm: (session: Session, nonceD: Bytes) => Promise<void>;
  /** The wall clock, ms; for the choice between two error texts alone. */
  readonly now: () => number;
}

/**
 * Reads an invitation's link.
 *
 * @throws {DeviceError} `INVITATION_MALFORMED`.
 */
export async function readInvitation(link: string, crypto: Crypto): Promise<Invitation> {
  try {
    return await parseInvitationLink(link, crypto);
  } catch (cause) {
    if (!(cause instanceof MessageError)) throw cause;
    throw new DeviceError(
      "INVITATION_MALFORMED",
      "This is no invitation, or a part of it is missing. Scan the code again.",
      { cause },
    );
  }
}

/**
 * Goes as far with an enrolment as one try can (protocol section 4), and leaves an open session behind.
 *
 * Where a message_3 may have left before, a session by kid comes first: if it says that the binding is active, the
 * matter is ended, and if the code was shown already, nothing is asked again. Only where it says pending, or is
 * refused, the token goes again, by value, with a new nonce and code.
 *
 * @throws {DeviceError} `INVITATION_EXPIRED`, `INVITATION_REFUSED`, `ENROLMENT_REFUSED`, `CODE_LIMIT`,
 *   `REQUEST_UNANSWERED`, `STORE_FAILED`, and every code of the connection. Key, token and count of codes stay
 *   whatever happens.
 */
export async function tryEnrolment(context: EnrolmentContext): Promise<void> {
  const { state, enrolment } = context.keeper.identity;
  if (state !== "enrolling") {
    const result = await context.shakeHands({});
    await context.adopt(result);
    if (state === "pending" && result.grant.binding === 1) await context.keeper.activate();
    return;
  }
  if (enrolment === undefined) throw new RangeError("an open enrolment has a token");
  if (enrolment.tried && (await finishByKid(context))) return;
  if (enrolment.codes >= MAX_CODES) throw codeLimit();
  await enrolByValue(context, enrolment);
}

async function finishByKid(context: EnrolmentContext): Promise<boolean> {
  try {
    const result = await context.shakeHands({});
    if (result.grant.binding !== 1) {
      result.session.end("given-up");
      return false;
    }
    await context.adopt(result);
    await context.keeper.activate();
    return true;
  } catch (error) {
    if (error instanceof DeviceError && error.code === "HANDSHAKE_REFUSED") return false;
    throw error;
  }
}

async function enrolByValue(context: EnrolmentContext, enrolment: OpenEnrolment): Promise<void> {
  const { crypto } = context;
  const nonceD = crypto.randomBytes(NONCE_D_BYTES);
  const result = await shakeHandsByValue(context, enrolment, await commitment(nonceD, crypto));
  const { session } = result;
  await context.adopt(result);
  // Counted before the nonce leaves: from then on a hospital can compute the code, whether or not it answers.
  await saveEnrolment(context, (open) => ({ ...open, codes: open.codes + 1 }));
  await sendConfirm(context, session, nonceD);
  const secret = result.confirmationSecret;
  const code = await confirmationCode({ secret, nonceD, nonceH: result.grant.nonceH }, crypto);
  await showCode(context, code);
  if (session.bindingActive) await context.keeper.activate();
}

async function shakeHandsByValue(
  context: EnrolmentContext,
  { token, expires }: OpenEnrolment,
  committed: Bytes,
): Promise<HandshakeResult> {
  try {
    return await context.shakeHands({
      byValue: { token, commitment: committed },
      beforeMessage3: () => saveEnrolment(context, (open) => ({ ...open, tried: true })),
    });
  } catch (cause) {
    if (!(cause instanceof DeviceError) || cause.code !== "HANDSHAKE_REFUSED") throw cause;
    throw context.now() > expires
      ? new DeviceError(
          "INVITATION_EXPIRED",
          "The invitation has expired. Ask the hospital for a new one.",
          { cause },
        )
      : new DeviceError(
          "INVITATION_REFUSED",
          "The hospital does not take this invitation: it was used, or is no longer valid. Ask for a new one.",
          { cause },
        );
  }
}

async function sendConfirm(
  context: EnrolmentContext,
  session: Session,
  nonceD: Bytes,
): Promise<void> {
  try {
    await context.confirm(session, nonceD);
  } catch (cause) {
    session.end("given-up");
    if (!(cause instanceof DeviceError) || cause.code !== "REQUEST_REFUSED") throw cause;
    throw new DeviceError(
      "ENROLMENT_REFUSED",
      "The hospital refused the confirmation of this device. Ask the hospital for a new invitation.",
      { cause, ...(cause.hospitalError && { hospitalError: cause.hospitalError }) },
    );
  }
}

async function showCode(context: EnrolmentContext, code: string): Promise<void> {
  const identity = context.keeper.identity;
  // Staff may have confirmed meanwhile: they saw the code first.
  if (identity.state === "active") return;
  await context.keeper.save({ ...identity, state: "pending", code });
  context.emit({ type: "code", code, hospitalName: identity.hospitalName });
}

async function saveEnrolment(
  context: EnrolmentContext,
  change: (open: OpenEnrolment) => OpenEnrolment,
): Promise<void> {
  const identity = context.keeper.identity;
  if (identity.enrolment === undefined) return;
  await context.keeper.save({ ...identity, enrolment: change(identity.enrolment) });
}

function codeLimit(): DeviceError {
  return new DeviceError(
    "CODE_LIMIT",
    "Three codes were shown for this invitation without success. Ask the hospital for a new one.",
  );
}
