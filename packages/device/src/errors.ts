/**
 * What can go wrong on the patient's side.
 *
 * Enrolment: `INVITATION_MALFORMED` (not an invitation, or cut off), `INVITATION_EXPIRED` (refused, and its time is
 * over by this clock), `INVITATION_REFUSED` (used, void or unknown: the hospital does not say which),
 * `ENROLMENT_REFUSED` (the hospital refused the confirmation: staff were alerted), `CODE_LIMIT` (three codes were
 * shown for this invitation), `ALREADY_ENROLLED`, `NOT_ENROLLED`.
 *
 * Connection: `NETWORK_UNREACHABLE`, `NETWORK_TIMEOUT` (no answer from the gateway), `GATEWAY_FAILED` (it answered
 * with a fault of its own), `GATEWAY_REFUSED` (it calls the request malformed), `SLOW_DOWN`, `QUEUE_FULL` (the
 * gateway cannot store more now), `HOSPITAL_AWAY`, `HOSPITAL_UNKNOWN`, `HOSPITAL_KEY_UNKNOWN`,
 * `HOSPITAL_KEY_MISMATCH` (who answered does not hold the pinned key), `HANDSHAKE_REFUSED`, `HANDSHAKE_FAILED` (an
 * answer that does not verify), `HANDSHAKE_TOO_SLOW` (message_4 later than 10 s), `SESSION_UNANSWERED` (a session
 * ended before the hospital said anything in it), `ABORTED`.
 *
 * Work: `READINGS_INVALID`, `REQUEST_REFUSED` (with the hospital's error in `hospitalError`), `REQUEST_UNANSWERED`,
 * `RESPONSE_MALFORMED`, `ITEM_UNKNOWN`, `STORE_FAILED`, `STORE_CORRUPT` (an entry does not open: damaged, or the
 * wrong store key).
 */
export type DeviceErrorCode =
  | "INVITATION_MALFORMED"
  | "INVITATION_EXPIRED"
  | "INVITATION_REFUSED"
  | "ENROLMENT_REFUSED"
  | "CODE_LIMIT"
  | "ALREADY_ENROLLED"
  | "NOT_ENROLLED"
  | "NETWORK_UNREACHABLE"
  | "NETWORK_TIMEOUT"
  | "GATEWAY_FAILED"
  | "GATEWAY_REFUSED"
  | "SLOW_DOWN"
  | "QUEUE_FULL"
  | "HOSPITAL_AWAY"
  | "HOSPITAL_UNKNOWN"
  | "HOSPITAL_KEY_UNKNOWN"
  | "HOSPITAL_KEY_MISMATCH"
  | "HANDSHAKE_REFUSED"
  | "HANDSHAKE_FAILED"
  | "HANDSHAKE_TOO_SLOW"
  | "SESSION_UNANSWERED"
  | "ABORTED"
  | "READINGS_INVALID"
  | "REQUEST_REFUSED"
  | "REQUEST_UNANSWERED"
  | "RESPONSE_MALFORMED"
  | "ITEM_UNKNOWN"
  | "STORE_FAILED"
  | "STORE_CORRUPT";

/**
 * The one error of this package. Its text says what happened and what to do, never a reading, a name or key bytes.
 */
export class DeviceError extends Error {
  override readonly name: string = "DeviceError";
  readonly code: DeviceErrorCode;
  /** How long the gateway asked to wait, in ms (`Retry-After`). */
  readonly retryAfterMs: number | undefined;
  /** The hospital's own error code, with `REQUEST_REFUSED`. */
  readonly hospitalError: string | undefined;

  /** @param details - `retryAfterMs` and `hospitalError` as above; `cause` is kept for developers. */
  constructor(
    code: DeviceErrorCode,
    message: string,
    details: { retryAfterMs?: number; hospitalError?: string; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryAfterMs = details.retryAfterMs;
    this.hospitalError = details.hospitalError;
  }
}
