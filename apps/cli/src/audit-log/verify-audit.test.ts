import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import type { AuditPart, AuditPlace } from "@siphms/api";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { writeInventedLog } from "../bench/audit/invented-log.ts";
import type { OperatorClient } from "../installation/operator-client.ts";
import type { Output } from "../output.ts";
import { createFolderSink, createFolderSource } from "./folder-log.ts";
import { readPolicyFile, type OpenedLog } from "./open-log.ts";
import { judgeLog, refuseFaults } from "./verify-audit.ts";

const COUNT = 30;
const PART: AuditPart = {
  ...{ compared: 0, waiting: 0, erased: 0, earlier: 0, findings: [], hasMore: false },
};
const PARTS: readonly Partial<AuditPart>[] = [
  { compared: 20, next: { part: "leaves", from: 20 } },
  { compared: 10, erased: 1, next: { part: "rows", after: -1 } },
  { waiting: 2, next: { part: "details", after: -1 } },
  { next: { part: "earlier", after: -1, count: 0, hash: "0".repeat(64) } },
  { earlier: 5 },
];

let folder: string;
let noted: string[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-verify-"));
  await writeInventedLog(createFolderSink(folder), COUNT);
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Verifies the log as of a hospital that compares its rows in these parts. */
async function judge(parts: readonly Partial<AuditPart>[], isTerminal: boolean) {
  noted = [];
  const asked: (AuditPlace | undefined)[] = [];
  const compareAudit = (place?: AuditPlace): Promise<AuditPart> => {
    asked.push(place);
    return Promise.resolve({ ...PART, ...parts[asked.length - 1] });
  };
  const output: Output = {
    print: () => undefined,
    note: (line) => void noted.push(line),
    isTerminal,
  };
  const log: OpenedLog = {
    source: createFolderSource(folder),
    trust: await readPolicyFile(path.join(folder, "policy")),
    // The verification asks for nothing else of it.
    operator: { compareAudit } as OperatorClient,
  };
  return { verdict: await judgeLog(log, [], output), asked };
}

describe("comparing a running hospital's rows", () => {
  it("goes on part by part, and adds up what each gave [HS-312b]", async () => {
    const { verdict, asked } = await judge(PARTS, false);
    expect(asked).toEqual([undefined, ...PARTS.slice(0, -1).map(({ next }) => next)]);
    expect(verdict.comparison).toEqual({
      ...{ ok: true, size: 30, waiting: 2, erased: 1, earlier: 5, findings: [], hasMore: false },
    });
    expect(() => refuseFaults(verdict)).not.toThrow();
  });

  it("refuses the log for what any part has found [HS-312b]", async () => {
    for (const at of PARTS.keys()) {
      const findings = [{ what: "details-missing", index: 7, event: 8 }] as const;
      const parts = PARTS.map((part, index) =>
        index === at ? { ...part, findings: [...findings] } : part,
      );
      const { verdict } = await judge(parts, false);
      expect(() => refuseFaults(verdict)).toThrow("the first bad index is 7");
    }
  });

  it("says to a person how far it is, and to a script nothing", async () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => (now += 2_500));
    await judge(PARTS, true);
    expect(noted).toContain(`20 of ${String(COUNT)} rows compared ...`);
    expect(noted).toContain("Comparing the rows from before the log ...");
    await judge(PARTS, false);
    expect(noted.join("\n")).not.toMatch(/rows compared|from before the log/);
  });
});
