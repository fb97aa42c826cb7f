import type { ApiAlert } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { aTechnicalAlert, anAlert } from "./alert-example.ts";
import { compareAlerts, isPressing, ofChannel, valueLevel } from "./alert-order.ts";

const AT = 1_000;
const acknowledged = { by: "Dr Iris Example", at: AT };

describe("the order of alerts (SR-66)", () => {
  it("is by channel, then by what nobody looks after yet, then by level, then by how long it waits", () => {
    const wanted = [
      anAlert({ id: "1", raised: AT }),
      anAlert({ id: "2", raised: AT + 1 }),
      anAlert({ id: "3", level: "warn", raised: AT - 9 }),
      anAlert({ id: "5", acknowledged }),
      anAlert({ id: "6", level: "warn", acknowledged }),
      aTechnicalAlert({ id: "4", level: "urgent", raised: AT - 99 }),
      aTechnicalAlert({ id: "7", acknowledged }),
    ];
    const order = (alerts: readonly ApiAlert[]) => alerts.toSorted(compareAlerts);
    expect(order(wanted.toReversed())).toEqual(wanted);
  });

  it("of what was raised at once is that of the raising, number by number", () => {
    const tenth = anAlert({ id: "10" });
    const ninth = anAlert({ id: "9" });
    expect([tenth, ninth].sort(compareAlerts)).toEqual([ninth, tenth]);
  });

  it("keeps the two channels apart, and the list that it was given as it was", () => {
    const all = [aTechnicalAlert(), anAlert({ id: "8" }), anAlert({ id: "7" })];
    const before = [...all];
    expect(ofChannel(all, "clinical").map(({ id }) => id)).toEqual(["7", "8"]);
    expect(ofChannel(all, "technical").map(({ id }) => id)).toEqual(["2"]);
    expect(all).toEqual(before);
  });
});

describe("an alert that is heard", () => {
  it("is an urgent one of either channel that nobody looks after", () => {
    expect(isPressing(anAlert())).toBe(true);
    expect(isPressing(aTechnicalAlert({ level: "urgent" }))).toBe(true);
    expect(isPressing(anAlert({ acknowledged }))).toBe(false);
    expect(isPressing(anAlert({ level: "warn" }))).toBe(false);
  });
});

describe("the colour of a value", () => {
  const levelOf = (...open: readonly ApiAlert[]) =>
    valueLevel({ open: [...open], news2: null }, "heart-rate");

  it("is what the open alerts of its kind say, the highest", () => {
    expect(levelOf(anAlert({ level: "warn" }))).toBe("warning");
    expect(levelOf(anAlert({ level: "warn" }), anAlert({ id: "3" }))).toBe("urgent");
    // That somebody looks after it does not make it normal.
    expect(levelOf(anAlert({ acknowledged }))).toBe("urgent");
  });

  it("is none where the alert is over, of another kind, or not of a value", () => {
    expect(levelOf(anAlert({ over: AT }))).toBe("within");
    expect(levelOf(aTechnicalAlert())).toBe("within");
    const noHeart = { type: "no-data", kind: "heart-rate", lastAt: AT, afterMs: 1 } as const;
    expect(levelOf(aTechnicalAlert({ finding: noHeart }))).toBe("within");
    expect(valueLevel(undefined, "heart-rate")).toBe("within");
    expect(valueLevel({ open: [anAlert()], news2: null }, "spo2")).toBe("within");
  });
});
