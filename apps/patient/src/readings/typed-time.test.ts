import { describe, expect, it } from "vitest";
import { checkTime } from "./typed-time.ts";

const NOW = Date.UTC(2026, 2, 1, 12);

describe("when a reading was taken", () => {
  it("is now, by the corrected clock", () => {
    expect(checkTime({ kind: "now" }, NOW)).toBe(NOW);
  });

  it("is what the browser's field says, in local time", () => {
    const local = "2026-02-28T08:30";
    expect(checkTime({ kind: "earlier", local }, NOW)).toBe(new Date(2026, 1, 28, 8, 30).getTime());
  });

  it.each(["", "x", "2026-02-31T99:00", "1969-01-01T00:00"])("is missing in %j", (local) => {
    expect(checkTime({ kind: "earlier", local }, NOW)).toBe("timeMissing");
  });

  it("is refused where it has not come yet", () => {
    expect(checkTime({ kind: "earlier", local: "2026-03-03T00:00" }, NOW)).toBe("timeFuture");
  });
});
