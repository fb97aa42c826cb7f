import type { AlertChange, Finding, Level } from "@siphms/alerts";
import { describe, expect, it } from "vitest";
import { acknowledge, applyChange, resolve, type AlertLife } from "./life.ts";

const NOW = Date.UTC(2026, 0, 5, 8);
const MINUTE = 60_000;
const finding: Finding = {
  ...{ type: "limit", kind: "heart-rate", part: "value", side: "high" },
  ...{ limit: 130, value: 140 },
};

const raised = (level: Level, at = NOW): AlertChange => ({
  ...{ change: "raised", rule: "limit:heart-rate:value:high", channel: "clinical", level },
  ...{ at, finding },
});
const technical: AlertChange = {
  ...{ change: "raised", rule: "silent", channel: "technical", level: "warn", at: NOW },
  finding: { type: "silent", lastAt: NOW, afterMs: 1 },
};
const updated = (level: Level, at = NOW): AlertChange => ({
  ...{ change: "updated", rule: "limit:heart-rate:value:high", level, at, finding },
});
const over = (at = NOW + MINUTE): AlertChange => ({
  ...{ change: "over", rule: "limit:heart-rate:value:high", at },
});

function begin(change: AlertChange): AlertLife {
  const life = applyChange(undefined, change, NOW)?.life;
  if (life === undefined) throw new Error("nothing began");
  return life;
}

describe("an alert", () => {
  it("is told when it begins", () => {
    expect(applyChange(undefined, raised("warn"), NOW)).toMatchObject({
      ...{ tell: true, event: "raised", finding },
      life: { level: "warn", late: false, raisedAt: NOW, at: NOW, step: 0, nextStepAt: null },
    });
  });

  it("is not told again with newer values", () => {
    const stepped = applyChange(begin(raised("warn")), updated("warn", NOW + 1), NOW + MINUTE);
    expect(stepped).toMatchObject({ tell: false, event: undefined, life: { at: NOW + 1 } });
    expect(stepped?.life.raisedAt).toBe(NOW);
  });

  it("is told again from the first step when its level rises", () => {
    const open = { ...begin(raised("warn")), step: 2, nextStepAt: NOW + 1 };
    const stepped = applyChange(open, raised("urgent"), NOW + MINUTE);
    expect(stepped).toMatchObject({ tell: true, event: "raised" });
    expect(stepped?.life).toMatchObject({ level: "urgent", step: 0, nextStepAt: null });
  });

  it("loses its acknowledgement when its level rises: the lesser one was acknowledged", () => {
    const open = acknowledge(begin(raised("warn")), "staff:1", NOW);
    const stepped = applyChange(open, raised("urgent"), NOW + MINUTE);
    expect(stepped).toMatchObject({ tell: true, life: { acknowledged: null, level: "urgent" } });
  });

  it("keeps its acknowledgement through newer values", () => {
    const open = acknowledge(begin(raised("warn")), "staff:1", NOW);
    const stepped = applyChange(open, updated("warn"), NOW + MINUTE);
    expect(stepped).toMatchObject({ tell: false, life: { acknowledged: { by: "staff:1" } } });
  });

  it("does not become less pressing while nobody has acknowledged it", () => {
    const stepped = applyChange(begin(raised("urgent")), updated("warn"), NOW + MINUTE);
    expect(stepped?.life.level).toBe("urgent");
  });

  it("shows the present level once somebody has acknowledged it", () => {
    const open = acknowledge(begin(raised("urgent")), "staff:1", NOW);
    expect(applyChange(open, updated("warn"), NOW + MINUTE)?.life.level).toBe("warn");
  });

  it("stays open when it is over and nobody has acknowledged it", () => {
    const stepped = applyChange(begin(raised("warn")), over(), NOW + 2 * MINUTE);
    expect(stepped).toMatchObject({ event: "over", tell: false });
    expect(stepped?.life).toMatchObject({ overAt: NOW + MINUTE, resolved: null });
  });

  it("that came back while it was open is the same one, and told to nobody anew", () => {
    const begun = { ...begin(raised("warn")), nextStepAt: NOW + MINUTE };
    const open = applyChange(begun, over(), NOW)?.life;
    const again = applyChange(open, raised("warn", NOW + 5), NOW + MINUTE);
    expect(again).toMatchObject({ tell: false, event: undefined });
    expect(again?.life).toMatchObject({ overAt: null, raisedAt: NOW, at: NOW + 5 });
  });

  it("that came back after nobody was left to be told is told anew", () => {
    const begun = { ...begin(raised("warn")), nextStepAt: null, step: 2 };
    const open = applyChange(begun, over(), NOW)?.life;
    const again = applyChange(open, raised("warn", NOW + 5), NOW + MINUTE);
    expect(again).toMatchObject({ tell: true, event: "raised", life: { step: 0, overAt: null } });
  });

  it("ends by itself when it is over after somebody has acknowledged it", () => {
    const open = acknowledge(begin(raised("warn")), "staff:1", NOW);
    const stepped = applyChange(open, over(), NOW + MINUTE);
    expect(stepped).toMatchObject({ event: "resolved" });
    expect(stepped?.life.resolved).toEqual({ by: null, at: NOW + MINUTE });
  });

  it("ends by itself when somebody acknowledges it after it was over", () => {
    const open = applyChange(begin(raised("warn")), over(), NOW)?.life;
    if (open === undefined) throw new Error("no alert");
    expect(acknowledge(open, "staff:1", NOW + 1)).toMatchObject({
      acknowledged: { by: "staff:1", at: NOW + 1 },
      resolved: { by: null, at: NOW + 1 },
    });
  });

  it("is handed on no more once it is acknowledged, or resolved", () => {
    const open = { ...begin(raised("warn")), nextStepAt: NOW + 1 };
    expect(acknowledge(open, "staff:1", NOW).nextStepAt).toBeNull();
    expect(resolve(open, "staff:1", NOW)).toMatchObject({
      nextStepAt: null,
      resolved: { by: "staff:1", at: NOW },
    });
  });

  it("that is technical ends once it is over, whether or not anybody has acknowledged it", () => {
    const stepped = applyChange(begin(technical), { ...over(), rule: "silent" }, NOW + MINUTE);
    expect(stepped).toMatchObject({ event: "resolved", life: { resolved: { by: null } } });
  });

  it("that somebody has resolved is not opened by newer values, nor by its end", () => {
    expect(applyChange(undefined, updated("urgent"), NOW)).toBeUndefined();
    expect(applyChange(undefined, over(), NOW)).toBeUndefined();
  });

  it("that came late is told to nobody and leaves the open one alone", () => {
    const late: AlertChange = {
      ...{ change: "late", rule: "limit:heart-rate:value:high", channel: "clinical" },
      ...{ level: "urgent", at: NOW, finding },
    };
    expect(applyChange(undefined, late, NOW)).toMatchObject({
      ...{ tell: false, event: "late" },
      life: { late: true, nextStepAt: null },
    });
  });
});
