import type { SessionInfo } from "@siphms/api";

/** How long before the idle end somebody is asked; administrators have less time in all. */
const IDLE_WARNING_MS = 120_000;
const ADMINISTRATOR_IDLE_WARNING_MS = 60_000;
/** How long before the absolute end it is said. */
const END_WARNING_MS = 10 * 60_000;

/** How a session stands at one moment. */
export interface SessionEnds {
  /** `near`: the person is asked whether they are there. `over`: nothing may be seen until the hospital says otherwise. */
  readonly idle: "far" | "near" | "over";
  readonly idleLeftMs: number;
  /** Whether it is time to say that the session ends whatever is done. */
  readonly isEndNear: boolean;
  /** When it stands otherwise at the earliest, ms from now. */
  readonly changesInMs: number;
}

/** How a session stands at `now`, by the hospital's clock. */
export function sessionEndsAt(session: SessionInfo, now: number): SessionEnds {
  const warning =
    session.staff.role === "administrator" ? ADMINISTRATOR_IDLE_WARNING_MS : IDLE_WARNING_MS;
  const overAt = Math.min(session.idleEnds, session.expires);
  const nearAt = session.idleEnds - warning;
  const endNearAt = session.expires - END_WARNING_MS;
  const isEndNear = now >= endNearAt;
  const idleLeftMs = Math.max(0, overAt - now);
  const untilEndNear = isEndNear ? Number.POSITIVE_INFINITY : endNearAt - now;
  if (now >= overAt) return { idle: "over", idleLeftMs, isEndNear, changesInMs: untilEndNear };
  // The countdown shows seconds: it changes when the next one is full.
  if (now >= nearAt) {
    return { idle: "near", idleLeftMs, isEndNear, changesInMs: idleLeftMs % 1000 || 1000 };
  }
  const changesInMs = Math.min(nearAt, overAt) - now;
  return { idle: "far", idleLeftMs, isEndNear, changesInMs: Math.min(changesInMs, untilEndNear) };
}
