import type { Bytes } from "@siphms/cose";
import { concatBytes } from "@siphms/cose";
import type { EadItem, ReceivedEad } from "./ead.ts";
import { paddingToReach } from "./ead.ts";
import { EdhocError } from "./edhoc-error.ts";
import type { IdCred } from "./id-cred.ts";
import type { Suite } from "./suite.ts";

/**
 * The application profile of protocol section 5: what a handshake of ours may carry beyond what RFC 9528 says.
 * It holds where the suite says `strictProfile`.
 */

type MessageNumber = 1 | 2 | 3 | 4;

/** Our two EAD labels: the one message each may stand in, critical, once. */
const ENROLMENT = { label: 32769, message: 3 } as const;
const GRANT = { label: 32770, message: 4 } as const;

/** Fixed lengths, so that an enrolment looks like any other session. */
const FIXED_LENGTHS = { 3: 384, 4: 768 } as const;

/** The exact length of message_3 or message_4 (its whole byte string, without C_R), if there is one. */
export function fixedLength(
  suite: Suite,
  message: 3 | 4,
  wanted: number | undefined,
): number | undefined {
  return wanted ?? (suite.strictProfile ? FIXED_LENGTHS[message] : undefined);
}

/**
 * Refuses a received message_3 or message_4 that has not its fixed length.
 *
 * @throws {EdhocError} `EDHOC_LENGTH`.
 */
export function checkLength(bytes: Uint8Array, fixed: number | undefined): void {
  if (fixed !== undefined && bytes.length !== fixed) {
    throw new EdhocError("EDHOC_LENGTH", "the message has not its fixed length");
  }
}

/**
 * EAD_x with the padding behind it that brings the whole message to its fixed length, if it has one.
 *
 * @param sizes - `plaintext` the length of the plaintext without padding, `message` the {@link fixedLength}.
 * @throws {EdhocError} `EDHOC_LENGTH` if the content does not fit.
 */
export function padEad(
  suite: Suite,
  ead: Bytes,
  { plaintext, message }: { readonly plaintext: number; readonly message: number | undefined },
): Bytes {
  if (message === undefined) return ead;
  return concatBytes(ead, paddingToReach({ message, plaintext, tag: suite.tagLength }));
}

/** What {@link acceptEad} has to know about the message an EAD_x came in. */
export interface EadPlace {
  readonly message: MessageNumber;
  /** ID_CRED_x of the same message, where it has one. */
  readonly idCred?: IdCred;
  /** Critical labels that the caller understands, beyond the profile's own. */
  readonly knownEad?: readonly number[] | undefined;
}

/**
 * Judges EAD_x and hands out its items, padding removed.
 *
 * @throws {EdhocError} `EDHOC_CRITICAL_EAD` for a critical label that is unknown or misplaced,
 *   `EDHOC_MALFORMED` or `EDHOC_UNKNOWN_CREDENTIAL` for whatever else the profile forbids.
 * @see RFC 9528 §3.8
 */
export function acceptEad(suite: Suite, ead: ReceivedEad, place: EadPlace): readonly EadItem[] {
  for (const item of ead.items) {
    if (item.critical && !isKnown(suite, item, place)) {
      throw new EdhocError("EDHOC_CRITICAL_EAD", `critical label in EAD_${String(place.message)}`);
    }
  }
  if (suite.strictProfile) checkProfile(ead, place);
  return ead.items;
}

function isKnown(suite: Suite, { label }: EadItem, { message, knownEad }: EadPlace): boolean {
  if (suite.strictProfile) {
    const own = [ENROLMENT, GRANT].find((candidate) => candidate.label === label);
    if (own !== undefined) return own.message === message;
  }
  return knownEad?.includes(label) ?? false;
}

function checkProfile(ead: ReceivedEad, { message, idCred }: EadPlace): void {
  if (message <= 2) {
    check(ead.raw.length === 0, "EAD_1 and EAD_2 carry nothing");
  }
  check(ead.paddingIsLast, "an EAD item behind padding");
  check(
    ead.padding.every((value) => value.every((byte) => byte === 0)),
    "padding that is not zeros",
  );
  checkIdCred(message, idCred);
  const enrolsByValue = message === ENROLMENT.message && idCred?.kind === "ccs";
  checkLabel(ead.items, ENROLMENT.label, enrolsByValue ? 1 : 0);
  checkLabel(ead.items, GRANT.label, message === GRANT.message ? 1 : 0);
}

/** The label stands there exactly that often, and always critical. */
function checkLabel(items: readonly EadItem[], label: number, times: 0 | 1): void {
  const found = items.filter((item) => item.label === label);
  check(
    found.length === times && found.every((item) => item.critical),
    `EAD label ${String(label)}`,
  );
}

/** ID_CRED_R is a kid, ID_CRED_I a kid or, at enrolment, a CCS. */
function checkIdCred(message: MessageNumber, idCred: IdCred | undefined): void {
  if (idCred === undefined || idCred.kind === "kid") return;
  if (idCred.kind === "ccs" && message === ENROLMENT.message) return;
  throw new EdhocError("EDHOC_UNKNOWN_CREDENTIAL", "ID_CRED_x of a form the profile does not have");
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new EdhocError("EDHOC_MALFORMED", rule);
}
