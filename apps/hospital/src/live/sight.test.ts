import { FakeClock } from "@siphms/testkit";
import { describe, expect, it } from "vitest";
import type { Grant } from "../access/index.ts";
import { createSight } from "./index.ts";

const grant = (patientId: string, until: number | null = null): [string, Grant] => [
  patientId,
  { patientId, purpose: "treatment", until },
];

/** A sight whose answers the test gives, one for each question. */
const createScene = (role: "nurse" | "privacy-officer" = "nurse") => {
  const clock = new FakeClock();
  const questions: ((grants: ReadonlyMap<string, Grant>) => void)[] = [];
  const load = () =>
    new Promise<ReadonlyMap<string, Grant>>((resolve) => {
      questions.push(resolve);
    });
  const sight = createSight({ role, clock, load });
  const answer = (index: number, ...grants: [string, Grant][]) => {
    questions[index]?.(new Map(grants));
  };
  return { clock, sight, answer };
};

describe("what a stream may show", () => {
  it("is nothing of any patient before it was asked for", () => {
    expect(createScene().sight.maySee({ patient: "a" })).toBe(false);
  });

  it("is each patient who is open, and nobody else", async () => {
    const { sight, answer } = createScene();
    const renewed = sight.renew();
    answer(0, grant("a"));
    expect(await renewed).toBe(true);
    expect(sight.maySee({ patient: "a" })).toBe(true);
    expect(sight.maySee({ patient: "b" })).toBe(false);
  });

  it("ends with a grant to the millisecond, without being asked for anew (SR-25)", async () => {
    const { sight, answer, clock } = createScene();
    const renewed = sight.renew();
    answer(0, grant("a", clock.now() + 10));
    await renewed;
    clock.skewWall(9);
    expect(sight.maySee({ patient: "a" })).toBe(true);
    clock.skewWall(1);
    expect(sight.maySee({ patient: "a" })).toBe(false);
  });

  it("is nothing from the moment at which it is shut (SR-25)", async () => {
    const { sight, answer } = createScene();
    const renewed = sight.renew();
    answer(0, grant("a"));
    await renewed;
    sight.shut();
    expect(sight.maySee({ patient: "a" })).toBe(false);
  });

  it("is not what was read before it was shut, however late that comes (SR-25)", async () => {
    const { sight, answer } = createScene();
    const early = sight.renew();
    sight.shut();
    const late = sight.renew();
    answer(1, grant("b"));
    expect(await late).toBe(true);
    answer(0, grant("a"), grant("b"));
    expect(await early).toBe(true);
    expect(sight.maySee({ patient: "a" })).toBe(false);
    expect(sight.maySee({ patient: "b" })).toBe(true);
  });

  it("stays shut when nobody asks after it was shut (SR-25)", async () => {
    const { sight, answer } = createScene();
    const renewed = sight.renew();
    sight.shut();
    answer(0, grant("a"));
    expect(await renewed).toBe(false);
    expect(sight.maySee({ patient: "a" })).toBe(false);
  });

  it("says whether it is another than before", async () => {
    const { sight, answer } = createScene();
    const renew = async (index: number, ...grants: [string, Grant][]) => {
      const renewed = sight.renew();
      answer(index, ...grants);
      return renewed;
    };
    expect(await renew(0, grant("a"), grant("b"))).toBe(true);
    expect(await renew(1, grant("b"), grant("a"))).toBe(false);
    expect(await renew(2, grant("a"), grant("c"))).toBe(true);
    expect(await renew(3, grant("a"), grant("c", 5))).toBe(true);
    expect(await renew(4, grant("a"))).toBe(true);
    expect(await renew(5, grant("a"))).toBe(false);
  });

  it("is of a role's events only what is for one's own", () => {
    const officer = createScene("privacy-officer").sight;
    expect(officer.maySee({ role: "privacy-officer" })).toBe(true);
    expect(officer.maySee({ patient: "a" })).toBe(false);
    expect(createScene("nurse").sight.maySee({ role: "privacy-officer" })).toBe(false);
  });
});
