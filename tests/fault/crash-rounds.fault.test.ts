import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import { playBlock, type Block } from "../crash/block.ts";
import { createRandom } from "../crash/random.ts";
import { describeViolations, summarise } from "../crash/report.ts";

/** Rounds of each victim. */
const ROUNDS = Number(process.env["SIPHMS_CRASH_ROUNDS"] ?? "20");
const ROUNDS_OF_A_BLOCK = 20;
/** A round takes about one and a half seconds; a machine that is busy may take its time. */
const ROUND_LIMIT_MS = 10_000;
const BLOCK_LIMIT_MS = 240_000;
const SEED = Number(process.env["SIPHMS_CRASH_SEED"] ?? randomInt(2 ** 31));

const blockSizes = Array.from({ length: Math.ceil(ROUNDS / ROUNDS_OF_A_BLOCK) }, (_, index) => ({
  block: index + 1,
  turns: Math.min(ROUNDS_OF_A_BLOCK, ROUNDS - index * ROUNDS_OF_A_BLOCK),
}));

describe(`gateway, hospital, PostgreSQL and devices killed under load (SIPHMS_CRASH_SEED=${SEED})`, () => {
  let installation: ApartInstallation;
  const blocks: Block[] = [];

  beforeAll(async () => {
    installation = await ApartInstallation.start();
  });

  afterAll(async () => {
    const file = process.env["SIPHMS_CRASH_RESULT"] ?? "";
    if (file !== "") writeFileSync(file, JSON.stringify(summarise(SEED, blocks)));
    await installation.remove();
  });

  it.each(blockSizes)(
    "loses nothing, doubles nothing, receipts nothing that is not stored, and recovers by itself: block $block, $turns kills of each (SR-52) [HS-312c1]",
    { timeout: BLOCK_LIMIT_MS + blockSizes[0]!.turns * 4 * ROUND_LIMIT_MS },
    async ({ block, turns }) => {
      const random = createRandom(SEED + block);
      // Rounds that may take a minute are for the nightly run, which has more than one block.
      const hasBeginning = block > 1;
      const options = { name: `B${block}`, turns, hasBeginning, random };
      const result = await playBlock(installation, options);
      blocks.push(result);
      expect(describeViolations(result.violations)).toBe("");
      expect(result.queued).toBe(0);
      expect(result.rounds).toHaveLength(4 * turns + (hasBeginning ? 1 : 0));
      // A check that saw nothing would find nothing.
      expect(result.receipts).toBeGreaterThan(4 * turns);
      expect(result.samples).toBeGreaterThan(result.readings);
      expect(result.readings).toBeGreaterThanOrEqual(result.receipts);
    },
  );

  it("leaves records whose seals are whole [HS-312c1]", async () => {
    const report = await installation.operator.check();
    expect(report.findings).toEqual([]);
    expect(report.swept["batches"]).toBeGreaterThan(4 * ROUNDS_OF_A_BLOCK);
  });

  it("killed every victim while envelopes were under way", () => {
    for (const { victim, rounds, underWay } of summarise(SEED, blocks).victims) {
      expect({ victim, often: underWay >= rounds / 4 }).toEqual({ victim, often: true });
    }
  });
});
