import type { ApiFinding, ApiNews2 } from "@siphms/api";
import i18next from "i18next";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ar } from "../../i18n/ar/index.ts";
import { en } from "../../i18n/en/index.ts";
import { alertWords, news2Words } from "./alert-words.ts";

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 0, 5, 12);
const FULL: ApiNews2 = {
  ...{ total: 7, missing: [], band: "high", spo2Scale: 1, oldestAt: AT },
  subScores: { respiration: 2, spo2: 0, oxygen: 0, systolic: 0, pulse: 3, temperature: 2 },
};
const PARTIAL: ApiNews2 = {
  ...{ total: 4, missing: ["systolic", "temperature"], band: null, spo2Scale: 2, oldestAt: AT },
  subScores: { respiration: 3, pulse: 1 },
};
const heart = (change: object = {}): ApiFinding => ({
  ...{ type: "limit", kind: "heart-rate", part: "value", side: "high", value: 140, limit: 131 },
  ...change,
});

beforeAll(async () => {
  vi.stubGlobal("navigator", { languages: ["en-GB", "ar-EG"] });
  const interpolation = { escapeValue: false };
  await i18next.init({ lng: "en", defaultNS: "common", resources: { en, ar }, interpolation });
});

afterAll(() => vi.unstubAllGlobals());

async function say(finding: ApiFinding, language = "en"): Promise<string> {
  await i18next.changeLanguage(language);
  const common = i18next.getFixedT(language, "common");
  const { what, more } = alertWords(finding, { t: i18next.getFixedT(language, "alerts"), common });
  return `${what}${more === "" ? "" : `. ${more}`}`.replaceAll("\u00a0", " ");
}

describe("an alert in words (SR-66)", () => {
  it("names what is beyond which limit, with units", async () => {
    expect(await say(heart())).toBe("Heart rate 140 /min: at or above the limit of 131 /min");
    expect(await say(heart({ kind: "spo2", side: "low", value: 90.4, limit: 91 }))).toBe(
      "SpO₂ 90.4 %: at or below the limit of 91 %",
    );
  });

  it("names the number of a blood pressure that it is about", async () => {
    const pressure = { kind: "blood-pressure", part: "diastolic", value: 121, limit: 120 };
    expect(await say(heart(pressure))).toBe(
      "Diastolic blood pressure 121 mmHg: at or above the limit of 120 mmHg",
    );
  });

  it("says the level of consciousness in a word, and no number", async () => {
    const confused = heart({ kind: "consciousness", value: 1, limit: 1 });
    expect(await say(confused)).toBe("Consciousness: newly confused (C)");
  });

  it("says by how much something changed, within which time, and from what to what", async () => {
    const risen: ApiFinding = {
      ...{ type: "change", kind: "body-weight", part: "value", by: 2, withinMs: 72 * HOUR },
      ...{ from: { value: 80, at: AT - 60 * HOUR }, to: { value: 82.3, at: AT } },
    };
    expect(await say(risen)).toMatch(
      /^Weight rose by 2.3 kg within 3 days\. From 80 kg \(.*3 Jan.*\) to 82.3 kg \(.*5 Jan.*\)\.$/,
    );
    const fallen: ApiFinding = { ...risen, from: risen.to, to: risen.from };
    expect(await say(fallen)).toMatch(/^Weight fell by 2.3 kg/);
  });

  it("gives a whole NEWS2 its band, and what has points, the most first", async () => {
    expect(await say({ type: "news2", score: FULL })).toBe(
      "NEWS2 7: high. Points: pulse 3, respiration 2, temperature 2.",
    );
  });

  it("never gives a partial NEWS2 a band, and says what is missing and which scale holds", async () => {
    const words = await say({ type: "news2", score: PARTIAL });
    expect(words).toBe(
      "NEWS2 at least 4, 5 of 7. Points: respiration 3, pulse 1. Missing: systolic pressure, temperature. SpO₂ by scale 2.",
    );
    expect(words).not.toMatch(/low|medium|high/);
  });

  it("says what is missing of devices and data, and since when", async () => {
    const silence = { lastAt: AT, afterMs: 14 * HOUR };
    expect(await say({ type: "no-data", kind: "blood-pressure", ...silence })).toMatch(
      /^Blood pressure: no value for more than 14 hours\. The last one is of .*2026/,
    );
    expect(await say({ type: "silent", lastAt: AT, afterMs: 90 * 60_000 })).toMatch(
      /^Nothing heard of any device for more than 1.5 hours\. Last heard at .*2026/,
    );
    expect(await say({ type: "gap", missing: 1 })).toMatch(/^1 message is missing\./);
    expect(await say({ type: "gap", missing: 3 })).toMatch(/^3 messages are missing\./);
    expect(await say({ type: "battery", percent: 8, limit: 15 })).toMatch(
      /^Battery of a sensor at 8 %\. The limit is 15 %\./,
    );
  });

  it("has words for every finding in Arabic, with the numbers of the ward and no English but units", async () => {
    const found: readonly ApiFinding[] = [
      heart(),
      heart({ kind: "consciousness", value: 4, limit: 1 }),
      { type: "news2", score: FULL },
      { type: "news2", score: PARTIAL },
      { type: "no-data", kind: "glucose", lastAt: AT, afterMs: 14 * HOUR },
      { type: "silent", lastAt: AT, afterMs: 2 * HOUR },
      { type: "gap", missing: 2 },
      { type: "battery", percent: 8, limit: 15 },
    ];
    for (const finding of found) {
      const words = await say(finding, "ar");
      expect(words).toMatch(/[\u0600-\u06ff]/);
      expect(words).not.toMatch(/[\u0660-\u0669]/);
      expect(words.replaceAll(/NEWS2|\/min|\(U\)/g, "")).not.toMatch(/[A-Za-z]/);
    }
    expect(await say(heart(), "ar")).toContain("140 /min");
  });
});

describe("NEWS2 in a column", () => {
  const words = (score: ApiNews2) => news2Words(score, i18next.getFixedT("en", "alerts"));

  it("has its band, or a lower bound with how much of it is known", () => {
    expect(words(FULL)).toEqual({ lead: "", scope: "high" });
    expect(words(PARTIAL)).toEqual({ lead: "at least", scope: "5 of 7" });
  });
});
