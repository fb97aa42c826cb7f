import { SESSION_COOKIE, type SessionInfo } from "@siphms/api";
import type { FastifyReply } from "fastify";
import { ProblemError } from "../http/index.ts";
import type { LogInOutcome } from "./log-in-desk.ts";
import type { PasswordFault } from "./password-rules.ts";
import type { OpenedSession, SignedIn } from "./sessions.ts";
import type { StaffDesk } from "./staff-desk.ts";

/** What the routes of staff identity need. */
export interface StaffRoutePorts {
  readonly desk: StaffDesk;
  readonly demo: boolean;
}

/** `__Host-` asks for exactly these: Secure, path `/`, no Domain (SR-19). The browser forgets it when it closes. */
export const COOKIE = { path: "/", httpOnly: true, secure: true, sameSite: "strict" } as const;

const PASSWORD_FAULTS: Readonly<Record<PasswordFault, string>> = {
  common: "This password is among those that are tried first. Choose another one.",
  malformed: "This password holds a character that is none. Type it again.",
  names: "This password is little more than a name that others know. Choose another one.",
  repeating: "This password repeats itself or is a row on the keyboard. Choose another one.",
  "too-long": "This password has more than 256 characters. Choose a shorter one.",
  "too-short": "This password has fewer than 8 characters. Choose a longer one.",
};

/** What is said of a session to whom it belongs. */
export function sessionInfo(signedIn: SignedIn, demo: boolean): SessionInfo {
  const { staff, expiresAt, idleEndsAt, provedAt, method } = signedIn;
  const { id, name, role } = staff;
  return {
    staff: { id: String(id), name, role },
    demo,
    expires: expiresAt,
    idleEnds: idleEndsAt,
    proved: provedAt,
    method,
  };
}

/** Gives a new session's cookie to the browser, and says whose it is. */
export function giveSession(
  reply: FastifyReply,
  { token, signedIn }: OpenedSession,
  demo: boolean,
): SessionInfo {
  void reply.setCookie(SESSION_COOKIE, token, COOKIE);
  return sessionInfo(signedIn, demo);
}

/** Gives the session that a log-in or a step-up opened. @throws {ProblemError} as {@link openedOf} */
export function giveLogIn(reply: FastifyReply, outcome: LogInOutcome, demo: boolean): SessionInfo {
  return giveSession(reply, openedOf(reply, outcome), demo);
}

/** The session that a log-in opened; else says how long to wait. @throws {ProblemError} `log-in-refused`, `too-many-tries` */
export function openedOf(reply: FastifyReply, outcome: LogInOutcome): OpenedSession {
  if (outcome.kind === "opened") return outcome;
  if (outcome.kind === "too-many-tries") {
    void reply.header("retry-after", String(Math.ceil(outcome.retryAfterMs / 1000)));
  }
  throw new ProblemError(outcome.kind);
}

/** Says why a password was not taken. */
export function passwordRefused(fault: PasswordFault): ProblemError {
  return new ProblemError("password-refused", PASSWORD_FAULTS[fault]);
}
