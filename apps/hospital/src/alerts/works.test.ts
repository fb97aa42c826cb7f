import type { AlertChange, Finding } from "@siphms/alerts";
import { describe, expect, it } from "vitest";
import type { AlertRow } from "./alert-rows.ts";
import { planWorks } from "./works.ts";

const NOW = Date.UTC(2026, 0, 5, 8);
const RULE = "limit:heart-rate:value:high";
const finding: Finding = {
  ...{ type: "limit", kind: "heart-rate", part: "value", side: "high" },
  ...{ limit: 130, value: 140 },
};
const change = { rule: RULE, channel: "clinical", level: "urgent", at: NOW, finding } as const;
const raised: AlertChange = { change: "raised", ...change };
const updated: AlertChange = { change: "updated", rule: RULE, level: "urgent", at: NOW, finding };
const late: AlertChange = { change: "late", ...change };
const over: AlertChange = { change: "over", rule: RULE, at: NOW };
const silent: AlertChange = {
  ...{ change: "raised", rule: "silent", channel: "technical", level: "warn", at: NOW },
  finding: { type: "silent", lastAt: NOW, afterMs: 1 },
};
const row: AlertRow = {
  ...{ id: 7, patientId: "p", rule: RULE, channel: "clinical", level: "urgent", late: false },
  ...{ raisedAt: NOW - 1, at: NOW - 1, updatedAt: NOW - 1, overAt: null, resolved: null },
  ...{ acknowledged: { by: "staff:1", at: NOW - 1 }, step: 0, nextStepAt: null, version: 2 },
  ...{ found: new Uint8Array(0), note: null },
};

describe("what the changes of one evaluation come to", () => {
  it("is written once for each alert", () => {
    const works = planWorks([], [raised, updated, over], NOW);
    expect(works).toMatchObject([
      { row: undefined, tell: true, events: ["raised", "over"], life: { overAt: NOW } },
    ]);
  });

  it("tells nobody of what has ended by itself meanwhile", () => {
    const works = planWorks([], [silent, { ...over, rule: "silent" }], NOW);
    expect(works).toMatchObject([{ tell: false, events: ["raised", "resolved"] }]);
  });

  it("is a new alert where the one before has ended, and the end is written first", () => {
    const works = planWorks([row], [over, raised], NOW);
    expect(works).toMatchObject([
      { row: { id: 7 }, events: ["resolved"], tell: false },
      { row: undefined, events: ["raised"], tell: true, life: { raisedAt: NOW } },
    ]);
  });

  it("keeps a late one apart from the open one of its rule", () => {
    const works = planWorks([row], [late], NOW);
    expect(works).toMatchObject([{ row: undefined, life: { late: true }, tell: false }]);
    expect(planWorks([], [late, raised], NOW)).toHaveLength(2);
  });

  it("is nothing where somebody has resolved what is still so", () => {
    expect(planWorks([], [updated, over], NOW)).toEqual([]);
  });
});
