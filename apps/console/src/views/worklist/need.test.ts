import type { ApiAlert, ApiNews2, LatestValue } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { aTechnicalAlert, anAlert } from "../alerts/alert-example.ts";
import { compareNeeds, needOf, type Need } from "./need.ts";

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const acknowledged = { by: "Dr Iris Example", at: NOW };

function heart(ageMs = 0): LatestValue {
  const shared = { kind: "heart-rate", unit: "/min", origin: "sensor", late: false } as const;
  return { ...shared, at: NOW - ageMs, value: 70 };
}

function score(total: number): ApiNews2 {
  return { total, subScores: {}, missing: [], band: "low", spo2Scale: 1, oldestAt: NOW };
}

const need = (open: readonly ApiAlert[], latest = [heart()], news2: ApiNews2 | null = null): Need =>
  needOf({ latest }, { open: [...open], news2 }, NOW);

describe("a patient's need", () => {
  it("is what the most pressing open alert says, a patient's before a device's", () => {
    const warning = anAlert({ level: "warn" });
    expect(need([warning, anAlert()]).level).toBe("urgent");
    expect(need([warning, aTechnicalAlert({ level: "urgent" })]).level).toBe("warning");
    expect(need([aTechnicalAlert()]).level).toBe("technical");
  });

  it("stays what it is when somebody looks after it, and says that nobody waits", () => {
    const { level, open, waiting } = need([anAlert({ acknowledged })]);
    expect([level, open, waiting]).toEqual(["urgent", 1, 0]);
    expect(need([anAlert(), aTechnicalAlert()]).waiting).toBe(2);
  });

  it("waits only where nobody looks after an alert of the level that is shown", () => {
    const looked = anAlert({ acknowledged });
    expect(need([looked, aTechnicalAlert()])).toMatchObject({ level: "urgent", isWaiting: false });
    const warning = anAlert({ id: "3", level: "warn" });
    expect(need([looked, warning]).isWaiting).toBe(false);
    expect(need([looked, anAlert({ id: "3" })]).isWaiting).toBe(true);
    expect(need([aTechnicalAlert()]).isWaiting).toBe(true);
    expect(need([]).isWaiting).toBe(false);
  });

  it("is no data where there is no alert and no recent value", () => {
    expect(need([], []).level).toBe("no-data");
    expect(need([], [heart(HOUR + 1)]).level).toBe("no-data");
    expect(need([], [heart(HOUR)]).level).toBe("none");
    expect(need([anAlert()], []).level).toBe("urgent");
  });

  it("is unknown where the alerts are: that there are none is never said without them", () => {
    expect(needOf({ latest: [heart()] }, undefined, NOW).level).toBe("unknown");
  });
});

describe("the order of needs", () => {
  it("is by open alerts, those that nobody looks after first, then by NEWS2, then by the age of data", () => {
    const warning = anAlert({ level: "warn" });
    const wanted = [
      need([anAlert()]),
      need([warning], undefined, score(3)),
      need([warning]),
      need([anAlert({ acknowledged })], undefined, score(9)),
      need([aTechnicalAlert()]),
      need([], undefined, score(4)),
      need([], []),
      need([], [heart(), { ...heart(), kind: "spo2", at: 0 }]),
      need([]),
    ];
    expect(wanted.toReversed().sort(compareNeeds)).toEqual(wanted);
  });

  it("is moved by no point or two of NEWS2, which come and go with each value", () => {
    const [well, two, three] = [0, 2, 3].map((total) => need([], undefined, score(total)));
    expect(compareNeeds(well!, two!)).toBe(0);
    expect(compareNeeds(two!, three!)).toBeGreaterThan(0);
    // What is known of them decides then.
    expect(compareNeeds(two!, need([], []))).toBeGreaterThan(0);
  });
});
