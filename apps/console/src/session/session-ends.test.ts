import type { SessionInfo } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { sessionEndsAt } from "./session-ends.ts";

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function session(
  idleInMs: number,
  {
    role = "doctor",
    endsInMs = 12 * HOUR,
  }: { role?: SessionInfo["staff"]["role"]; endsInMs?: number } = {},
): SessionInfo {
  return {
    staff: { id: "1", name: "Somebody Invented", role },
    demo: false,
    expires: NOW + endsInMs,
    idleEnds: NOW + idleInMs,
    proved: NOW,
    method: "passkey",
  };
}

describe("the ends of a session (SR-17) [HS-312a2iii]", () => {
  it("asks nothing while the idle end is far, and looks again when it comes near", () => {
    expect(sessionEndsAt(session(15 * MINUTE), NOW)).toEqual({
      idle: "far",
      idleLeftMs: 15 * MINUTE,
      isEndNear: false,
      changesInMs: 13 * MINUTE,
    });
  });

  it("asks two minutes before the idle end, counts whole seconds down, and hides at the end", () => {
    expect(sessionEndsAt(session(2 * MINUTE + 1), NOW).idle).toBe("far");
    expect(sessionEndsAt(session(2 * MINUTE), NOW)).toMatchObject({
      idle: "near",
      changesInMs: 1000,
    });
    expect(sessionEndsAt(session(1500), NOW)).toMatchObject({ idle: "near", changesInMs: 500 });
    expect(sessionEndsAt(session(1), NOW).idle).toBe("near");
    expect(sessionEndsAt(session(0), NOW)).toMatchObject({ idle: "over", idleLeftMs: 0 });
    expect(sessionEndsAt(session(-HOUR), NOW).idle).toBe("over");
  });

  it("asks administrators, whose limit is shorter, one minute before", () => {
    const role = "administrator";
    expect(sessionEndsAt(session(MINUTE + 1, { role }), NOW).idle).toBe("far");
    expect(sessionEndsAt(session(MINUTE, { role }), NOW).idle).toBe("near");
  });

  it("says ten minutes before that the session ends whatever is done, and hides at that end too", () => {
    expect(sessionEndsAt(session(15 * MINUTE, { endsInMs: 10 * MINUTE + 1 }), NOW)).toMatchObject({
      isEndNear: false,
      changesInMs: 1,
    });
    expect(sessionEndsAt(session(15 * MINUTE, { endsInMs: 10 * MINUTE }), NOW).isEndNear).toBe(
      true,
    );
    expect(sessionEndsAt(session(15 * MINUTE, { endsInMs: 0 }), NOW).idle).toBe("over");
    expect(sessionEndsAt(session(15 * MINUTE, { endsInMs: MINUTE }), NOW).changesInMs).toBe(MINUTE);
  });
});
