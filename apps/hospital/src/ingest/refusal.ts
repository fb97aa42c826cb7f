import { MessageError, type MessageErrorCode } from "@siphms/messages";
import type { SessionAbsence } from "../sessions/index.ts";

/**
 * Why an envelope gets no answer (protocol section 6, "Hospital, per envelope"): it is kept as it came and counted.
 *
 * - `session-…`: there is no session to open it with.
 * - `envelope-…`, `signed-…`: not ours, or altered.
 * - `no-message-id`: signed by the device, but without an id to answer to.
 * - `seq-reused`: two envelopes of a session under one seq. Never happens by itself.
 * - `seq-used-up`: the session has no seq left for an answer.
 * - `device-not-bound`: revoked or dropped, with a session that is still open.
 * - `internal`: this program could not deal with it.
 */
export type NoAnswerReason =
  | SessionAbsence
  | "envelope-too-large"
  | "envelope-malformed"
  | "envelope-unauthentic"
  | "signed-malformed"
  | "signed-unauthentic"
  | "no-message-id"
  | "seq-reused"
  | "seq-used-up"
  | "device-not-bound"
  | "internal";

const REASONS: Partial<Record<MessageErrorCode, NoAnswerReason>> = {
  ENVELOPE_TOO_LARGE: "envelope-too-large",
  ENVELOPE_MALFORMED: "envelope-malformed",
  ENVELOPE_UNAUTHENTIC: "envelope-unauthentic",
  SIGNED_MALFORMED: "signed-malformed",
  SIGNED_UNAUTHENTIC: "signed-unauthentic",
};

/** The reason for which an envelope was not opened; `undefined` where the error is none of those. */
export function noAnswerReason(error: unknown): NoAnswerReason | undefined {
  return error instanceof MessageError ? REASONS[error.code] : undefined;
}
