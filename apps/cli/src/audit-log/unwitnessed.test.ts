import { describe, expect, it } from "vitest";

import type { LogReport } from "@siphms/audit";

import type { WitnessSaying } from "./ask-witnesses.ts";
import { printVerdict, verdictJson } from "./verify-audit.ts";

const COSIGNED_AT = 1_700_000_000_000;
const MINUTE = 60_000;

/** A log without a fault: so many entries, of which so many are cosigned, the newest so much later. */
function reportOf(size: number, witnessed: number | undefined, laterMs: number): LogReport {
  const checkpoint = {
    ...{ origin: "siphms/city/audit/1", size, root: new Uint8Array(32), extensions: [] },
  };
  const note = { text: `siphms/city/audit/1\n${size}\nAAAA\n`, signatures: [] };
  return {
    head: { name: "newest", note: { ...note, signatures: [SIGNATURE] }, checkpoint },
    entries: size,
    times: { first: COSIGNED_AT - MINUTE, last: COSIGNED_AT + laterMs },
    ...(witnessed === undefined
      ? {}
      : { witnessed: { size: witnessed, at: COSIGNED_AT, witnesses: ["city"] } }),
    ...{ instances: { count: 1, unended: 1 }, abandoned: 0, findings: [], notes: [] },
  };
}

const SIGNATURE = { name: "siphms/city/audit/1", keyId: 7, signature: new Uint8Array(64) };

const saying = (state: WitnessSaying["state"]): WitnessSaying => ({
  ...{ witness: "city", url: "https://w.example", state, size: 700 },
});

function judged(report: LogReport, sayings: readonly WitnessSaying[] = []) {
  const printed: string[] = [];
  const verdict = { report, sayings };
  const print = (line: string): void => void printed.push(line);
  printVerdict(verdict, { print, note: () => undefined, isTerminal: false });
  return { words: printed.join("\n"), json: verdictJson(verdict) };
}

const WHOLE = "Every entry stands as it was signed.";
const old = reportOf(700, 600, 16 * MINUTE);

describe("a log whose witness is far behind", () => {
  it("is not said to stand as it was signed, and says from where on nobody stands for it (SR-60)", () => {
    const { words, json } = judged(old);
    expect(words).not.toContain(WHOLE);
    expect(words).toContain("Note: The 100 entries from 600 on, from 16 minutes, rest on the");
    expect(words).toContain("not all of it is witnessed");
    const unwitnessed = { from: 600, entries: 100, sinceMs: 16 * MINUTE };
    expect(json).toMatchObject({ ok: true, unwitnessed });
  });

  it.each<WitnessSaying["state"]>(["refused", "unreachable"])(
    "is not, where its witness was asked and the answer is: %s (SR-60)",
    (state) => {
      for (const report of [old, reportOf(700, 699, 0), reportOf(700, undefined, 0)]) {
        const { words, json } = judged(report, [saying(state)]);
        expect(words).not.toContain(WHOLE);
        expect(json).toHaveProperty("unwitnessed");
      }
    },
  );

  it("is not, where all there is is cosigned and nobody can be asked whether there was more (SR-60)", () => {
    const { words, json } = judged(reportOf(600, 600, 0), [saying("unreachable")]);
    expect(words).not.toContain(WHOLE);
    expect(words).toContain("whether entries at its end were taken back is not known");
    expect(json).toMatchObject({ unwitnessed: { from: 600, entries: 0 } });
  });

  it.each<[string, LogReport, readonly WitnessSaying[]]>([
    ["has cosigned all of it there and then", old, [saying("agrees")]],
    ["has not had the time yet", reportOf(700, 699, 15 * MINUTE), []],
    ["is not named", reportOf(700, undefined, 60 * MINUTE), []],
    ["has cosigned all that an export holds", reportOf(700, 700, 60 * MINUTE), []],
  ])("stands as it was signed where its witness %s", (_title, report, sayings) => {
    const { words, json } = judged(report, sayings);
    expect(words).toContain(WHOLE);
    expect(json).not.toHaveProperty("unwitnessed");
  });
});
