import { PROBLEM_MEDIA_TYPE, PROBLEMS, problemType, type ProblemName } from "@siphms/api";
import type { FastifyReply } from "fastify";

const TITLES: Readonly<Record<ProblemName, string>> = {
  malformed: "The request is not what this address takes",
  "not-signed-in": "Nobody is signed in",
  "link-invalid": "The link is not good",
  "log-in-refused": "This did not sign anybody in",
  "origin-refused": "The request did not come from the console",
  "not-allowed": "Your role does not allow this",
  "step-up-required": "Prove first that it is still you",
  "not-found": "There is nothing here",
  "method-not-allowed": "This method is not allowed",
  conflict: "It is not as it was",
  "too-large": "The request is too large",
  "media-type": "The request has the wrong media type",
  "host-unknown": "The request names another host",
  "code-refused": "The code is not right",
  "demo-only": "Only a demo installation can do this",
  "passkey-refused": "The passkey was not taken",
  "password-refused": "The password was not taken",
  "too-many-tries": "There were too many tries",
  fault: "The hospital's server has a fault",
  "not-ready": "It is still being made",
  "emergency-mode": "Emergency mode shows records and does nothing else",
  "not-recorded": "What is looked at cannot be recorded",
};

const DETAILS: Readonly<Record<ProblemName, string>> = {
  malformed:
    "A member is missing, unknown or has another form. Compare the request with its schema.",
  "not-signed-in": "The session has ended or there was none. Sign in again.",
  "link-invalid":
    "The link was used before, is older than ten minutes or is cut short. Ask the operator for a new one.",
  "log-in-refused":
    "Name, password or code are not right, the passkey is not known here, or the account is disabled. Try again.",
  "origin-refused":
    "Only the console's own pages may change something. Open the console at its own address and try again.",
  "not-allowed": "You are signed in, but not in a role that may do this. Ask the administrator.",
  "step-up-required":
    "This needs a proof of who you are that is at most five minutes old. Sign in once more and repeat it.",
  "not-found": "It does not exist, or it is not for you. Check the address.",
  "method-not-allowed": "This address does not take this method.",
  conflict: "Somebody else changed it meanwhile. Look again and repeat what still makes sense.",
  "too-large": "Send less at once.",
  "media-type": "Send application/json.",
  "host-unknown": "Open the console at the address that its operator gave you.",
  "code-refused": "Enter the code that the app shows now; the clock of the phone must be right.",
  "passkey-refused":
    "It must check who you are, by PIN, finger or face, and must not be registered yet. Try again or take another.",
  "password-refused": "Choose another one.",
  "too-many-tries": "Wait and try again, or sign in with a passkey.",
  "demo-only": "This belongs to a demo. Start the hospital with its demo setting to use it.",
  fault:
    "It was noted under the number in `instance`. Try again; if it stays, tell the operator that number.",
  "not-ready": "Try again in a minute.",
  "emergency-mode":
    "The hospital's server is away and a copy of the records is shown. Write down what has to be done, and do it when the server is back.",
  "not-recorded":
    "Every look into a record is written down first, and that has failed, so nothing is shown. Tell the operator; try again.",
};

/** An error answer on its way out: thrown by routes, written by the error handler. Says nothing about a patient. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: ProblemName;
  readonly detail: string | undefined;

  /** @param detail - What happened and what to do, when more can be said than the problem's own text. */
  constructor(problem: ProblemName, detail?: string) {
    super(TITLES[problem]);
    this.problem = problem;
    this.detail = detail;
  }
}

/** Writes a problem as the answer. The one place where problems become statuses. @see RFC 9457 */
export function sendProblem(
  reply: FastifyReply,
  problem: ProblemName,
  extra: { readonly detail?: string | undefined; readonly instance?: string } = {},
): FastifyReply {
  const body = {
    type: problemType(problem),
    title: TITLES[problem],
    status: PROBLEMS[problem],
    detail: extra.detail ?? DETAILS[problem],
    ...(extra.instance === undefined ? {} : { instance: extra.instance }),
  };
  return reply
    .code(PROBLEMS[problem])
    .header("cache-control", "no-store")
    .type(PROBLEM_MEDIA_TYPE)
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send(body);
}
