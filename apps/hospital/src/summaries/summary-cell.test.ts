import { randomUUID } from "node:crypto";
import { encodeCbor, type CborValue } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { describe, expect, it } from "vitest";
import { openFromCell, sealForCell } from "../keys/cell.ts";
import type { PatientCipher } from "../keys/index.ts";
import { openSummary, sealSummary, type Period } from "./summary-cell.ts";
import { HOUR_MS, joinTallies, type Tally } from "./tally.ts";

const crypto = createNodeCrypto();

function createCipher(): PatientCipher {
  const key = { crypto, key: crypto.randomBytes(32) };
  return {
    seal: (cell, plaintext) => sealForCell(key, cell, plaintext),
    open: (cell, sealed) => openFromCell(key, cell, sealed),
  };
}

const cipher = createCipher();
const period: Period = { patientId: randomUUID(), span: "hour", start: 500_000 * HOUR_MS };
const full: Tally = {
  kind: 2,
  part: 1,
  quarantined: 3,
  values: {
    ...{ count: 60, late: 2, min: 61, max: 99, sum: 4711 },
    ...{ firstAt: period.start + 5, first: 70, lastAt: period.start + 9, last: 71 },
  },
};
const tallies = joinTallies([full, { kind: 1, part: 0, quarantined: 7 }]);
const sealed = sealSummary(cipher, period, tallies);
const unauthentic: unknown = expect.objectContaining({ code: "CELL_UNAUTHENTIC" });

describe("a sealed summary [HS-312a2iv]", () => {
  it("opens as what was sealed", () => {
    expect(openSummary(cipher, period, sealed)).toEqual(tallies);
  });

  it.each<[string, Partial<Period>]>([
    ["the next hour's", { start: period.start + HOUR_MS }],
    ["the day's", { span: "day" }],
    ["another patient's", { patientId: randomUUID() }],
  ])("does not open in the place of %s", (_what, change) => {
    expect(() => openSummary(cipher, { ...period, ...change }, sealed)).toThrow(unauthentic);
  });

  it("does not open under another patient's key", () => {
    expect(() => openSummary(createCipher(), period, sealed)).toThrow(unauthentic);
  });

  it("does not open with any byte of it changed or lost", () => {
    for (let index = 0; index < sealed.length; index++) {
      const changed = sealed.with(index, (sealed[index] ?? 0) ^ 1);
      expect(() => openSummary(cipher, period, changed)).toThrow(unauthentic);
      expect(() => openSummary(cipher, period, sealed.subarray(0, index))).toThrow(unauthentic);
    }
  });

  it.each<[string, CborValue]>([
    ["another version", [2]],
    ["no array", 1],
    ["no version", []],
    ["a tally that is no array", [1, 5]],
    ["a column too few", [1, [1, 0]]],
    ["a column too many", [1, [1, 0, 3, 4]]],
    ["a text among its numbers", [1, [1, 0, "3"]]],
    ["a kind that there is not", [1, [12, 0, 3]]],
    ["a part that there is not", [1, [2, 3, 3]]],
  ])("is not taken with %s, although it was sealed here", (_what, content) => {
    const at = period.start.toString(16).padStart(14, "0");
    const row = `${period.patientId}/hour/${at}`;
    const cell = { table: "summaries", column: "sealed", row };
    const other = cipher.seal(cell, encodeCbor(content));
    expect(() => openSummary(cipher, period, other)).toThrow(TypeError);
  });
});
