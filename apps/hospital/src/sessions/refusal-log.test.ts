import type { LogFields, Logger } from "@siphms/server-kit";
import { silentLogger } from "@siphms/server-kit";
import { beforeEach, describe, expect, it } from "vitest";
import { createRefusalLog, type RefusalLog } from "./refusal-log.ts";

let now: number;
let lines: LogFields[];
let note: RefusalLog;

beforeEach(() => {
  now = 1_000_000;
  lines = [];
  const log: Logger = { ...silentLogger, info: (_event, fields = {}) => lines.push(fields) };
  note = createRefusalLog(log, { now: () => now });
});

describe("the log of refused handshakes", () => {
  it("has a line at once for the first of each kind", () => {
    note("1", "EDHOC_MALFORMED");
    note("3", "EDHOC_MALFORMED");
    note("3", "device-not-bound");
    expect(lines).toEqual([
      { step: "1", code: "EDHOC_MALFORMED", count: 1 },
      { step: "3", code: "EDHOC_MALFORMED", count: 1 },
      { step: "3", code: "device-not-bound", count: 1 },
    ]);
  });

  it("is not filled by a flood", () => {
    for (let second = 0; second < 60; second++) {
      for (let n = 0; n < 1000; n++) note("1", "EDHOC_METHOD");
      now += 1000;
    }
    expect(lines).toHaveLength(6);
  });

  it("says how many a line stands for", () => {
    for (let n = 0; n < 5; n++) note("1", "EDHOC_METHOD");
    now += 9999;
    note("1", "EDHOC_METHOD");
    now += 1;
    note("1", "EDHOC_METHOD");
    expect(lines.map(({ count }) => count)).toEqual([1, 6]);
  });

  it("does not fall silent when the clock is set back", () => {
    note("1", "EDHOC_METHOD");
    now = 0;
    note("1", "EDHOC_METHOD");
    expect(lines).toHaveLength(2);
  });
});
