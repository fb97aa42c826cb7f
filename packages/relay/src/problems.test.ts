import { parseProblemType, PROBLEMS, problemType } from "@siphms/relay";
import { describe, expect, it } from "vitest";

describe("problems", () => {
  it("are the table of protocol section 7, row by row", () => {
    const rows = Object.entries(PROBLEMS).map(([name, row]) => [row.status, name, row.retry]);
    expect(rows).toEqual([
      [400, "malformed", false],
      [401, "pass-invalid", false],
      [404, "hospital-unknown", false],
      [404, "hospital-key-unknown", false],
      [404, "session-unknown", false],
      [409, "session-expired", false],
      [409, "handshake-used", false],
      [413, "too-large", false],
      [415, "media-type", false],
      [429, "slow-down", true],
      [503, "hospital-away", true],
      [507, "queue-full", true],
    ]);
  });

  it("are named by a urn that reads back", () => {
    expect(problemType("queue-full")).toBe("urn:siphms:problem:queue-full");
    expect(parseProblemType("urn:siphms:problem:queue-full")).toBe("queue-full");
  });

  it.each([
    "about:blank",
    "urn:siphms:problem:",
    "urn:siphms:problem:toString",
    "urn:siphms:problem:__proto__",
    "queue-full",
    "",
    undefined,
    7,
  ])("are not read from %j", (type) => {
    expect(parseProblemType(type)).toBeUndefined();
  });
});
