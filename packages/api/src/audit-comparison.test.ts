import { describe, expect, it } from "vitest";
import { compareByParts, type AuditPart, type AuditPlace } from "./index.ts";

const PART: AuditPart = {
  ...{ compared: 0, waiting: 0, erased: 0, earlier: 0, findings: [], hasMore: false },
};
const leaves = (from: number): AuditPlace => ({ part: "leaves", from });
const altered = (index: number) => ({ what: "row-altered", index, event: index + 1 }) as const;

describe("a comparison by parts", () => {
  const compare = async (parts: readonly Partial<AuditPart>[]) => {
    const asked: (AuditPlace | undefined)[] = [];
    const told: unknown[] = [];
    const comparison = await compareByParts(
      (place) => {
        const part = { ...PART, ...parts[asked.length] };
        asked.push(place);
        return Promise.resolve(part);
      },
      (place, compared) => told.push([place, compared]),
    );
    return { comparison, asked, told };
  };

  it("asks for one part after another, and adds them up", async () => {
    const { comparison, asked, told } = await compare([
      { compared: 10, erased: 1, next: leaves(10) },
      { compared: 5, erased: 2, next: { part: "rows", after: -1 } },
      { waiting: 3, next: { part: "details", after: -1 } },
      { earlier: 4 },
    ]);
    expect(comparison).toEqual({
      ...{ ok: true, size: 15, waiting: 3, erased: 3, earlier: 4, findings: [], hasMore: false },
    });
    expect(asked).toEqual([
      undefined,
      leaves(10),
      { part: "rows", after: -1 },
      { part: "details", after: -1 },
    ]);
    expect(told).toEqual([
      [leaves(10), 10],
      [{ part: "rows", after: -1 }, 15],
      [{ part: "details", after: -1 }, 15],
    ]);
  });

  it("is not ok where any part has a finding, wherever it is", async () => {
    for (const at of [0, 1, 2]) {
      const parts = [0, 1, 2].map((n): Partial<AuditPart> => ({
        findings: n === at ? [altered(n)] : [],
        ...(n === 2 ? {} : { next: leaves(n + 1) }),
      }));
      const { comparison } = await compare(parts);
      expect(comparison).toMatchObject({ ok: false, findings: [altered(at)], hasMore: false });
    }
  });

  it("holds a hundred findings, and says that there are more", async () => {
    const many = Array.from({ length: 60 }, (_, index) => altered(index));
    const { comparison } = await compare([{ findings: many, next: leaves(1) }, { findings: many }]);
    expect([comparison.findings.length, comparison.hasMore]).toEqual([100, true]);
    const told = await compare([{ findings: many, hasMore: true, next: leaves(1) }, {}]);
    expect(told.comparison.hasMore).toBe(true);
  });

  it("fails as its part does", async () => {
    await expect(compareByParts(() => Promise.reject(new Error("away")))).rejects.toThrow("away");
  });
});
