/**
 * What was refused, and at which gate.
 *
 * - `ENVELOPE_TOO_LARGE`: more than 64 KiB.
 * - `ENVELOPE_MALFORMED`: no COSE_Encrypt0 of the profile.
 * - `ENVELOPE_UNAUTHENTIC`: does not open with this session's key in this direction.
 * - `SIGNED_MALFORMED`: no COSE_Sign1 of the profile.
 * - `SIGNED_UNAUTHENTIC`: not signed by this sender for this recipient.
 * - `TYP_UNKNOWN`: a `typ` that is not one of this direction's.
 * - `PAYLOAD_MALFORMED`: not one item of deterministic CBOR; no message-id can be read.
 * - `PAYLOAD_SCHEMA`: well-formed, but not what the `typ`, the method or the notice kind says; padding too.
 * - `INVITATION_INVALID`, `ENROLMENT_INVALID`, `GRANT_INVALID`: an invitation, EAD_3 or EAD_4 value that is not taken.
 */
export type MessageErrorCode =
  | "ENVELOPE_TOO_LARGE"
  | "ENVELOPE_MALFORMED"
  | "ENVELOPE_UNAUTHENTIC"
  | "SIGNED_MALFORMED"
  | "SIGNED_UNAUTHENTIC"
  | "TYP_UNKNOWN"
  | "PAYLOAD_MALFORMED"
  | "PAYLOAD_SCHEMA"
  | "INVITATION_INVALID"
  | "ENROLMENT_INVALID"
  | "GRANT_INVALID";

/** A refused message, invitation, enrolment or grant. Carries names of members and rules, never content. */
export class MessageError extends Error {
  override readonly name = "MessageError";
  readonly code: MessageErrorCode;
  /** The first thing that is wrong, from the protocol's words: a rule (`seq`, `pad`) or a member (`series.values`). For operators, never for a peer. */
  readonly reason: string;

  constructor(code: MessageErrorCode, reason: string, options?: ErrorOptions) {
    super(`${code}: ${reason}`, options);
    this.code = code;
    this.reason = reason;
  }
}
