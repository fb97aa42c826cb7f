/** Every refusal that a gateway utters on the device side, apart from EDHOC's own errors (protocol section 7). */
export type ProblemName =
  | "malformed"
  | "pass-invalid"
  | "hospital-unknown"
  | "hospital-key-unknown"
  | "session-unknown"
  | "session-expired"
  | "handshake-used"
  | "too-large"
  | "media-type"
  | "slow-down"
  | "hospital-away"
  | "queue-full";

/** One row of the table: the status it travels under and a title for people. */
export interface ProblemRow {
  readonly status: 400 | 401 | 404 | 409 | 413 | 415 | 429 | 503 | 507;
  readonly title: string;
  /** Whether `Retry-After` comes with it. */
  readonly retry: boolean;
}

/** The table of protocol section 7. Device and gateway both read it from here. */
export const PROBLEMS: Readonly<Record<ProblemName, ProblemRow>> = {
  malformed: row(400, "The request does not have the form that the protocol asks for."),
  "pass-invalid": row(401, "The gateway pass is not valid for this session. Start a new session."),
  "hospital-unknown": row(404, "This gateway does not know that hospital. Check the invitation."),
  "hospital-key-unknown": row(
    404,
    "The hospital does not answer for that key. Check the invitation.",
  ),
  "session-unknown": row(404, "There is no such session or handshake. Start a new session."),
  "session-expired": row(409, "The session has ended. Start a new session and seal again."),
  "handshake-used": row(409, "The handshake was already completed with another message."),
  "too-large": row(413, "The body is larger than the protocol allows."),
  "media-type": row(415, "The body's media type is not the one that this address takes."),
  "slow-down": row(429, "Too many requests. Wait as long as Retry-After says.", true),
  "hospital-away": row(
    503,
    "The hospital cannot be reached now. Keep what you have and wait.",
    true,
  ),
  "queue-full": row(507, "The gateway cannot store more now. Keep what you have and wait.", true),
};

const PREFIX = "urn:siphms:problem:";

/** The `type` member of a problem document. */
export function problemType(name: ProblemName): string {
  return PREFIX + name;
}

/** The problem that a `type` member names, or `undefined` for any that this version does not know. */
export function parseProblemType(type: unknown): ProblemName | undefined {
  if (typeof type !== "string" || !type.startsWith(PREFIX)) return undefined;
  const name = type.slice(PREFIX.length);
  return isProblemName(name) ? name : undefined;
}

function isProblemName(name: string): name is ProblemName {
  return Object.hasOwn(PROBLEMS, name);
}

function row(status: ProblemRow["status"], title: string, retry = false): ProblemRow {
  return { status, title, retry };
}
