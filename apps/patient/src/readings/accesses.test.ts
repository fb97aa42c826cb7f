import type { Disclosure, DisclosuresResult } from "@siphms/messages";
import { describe, expect, it } from "vitest";
import { readAccesses } from "./accesses.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SPAN = { from: 0, to: 10 * DAY_MS };
const dayOf = (at: number): string => String(Math.floor(at / DAY_MS));

function look(at: number, changes: Partial<Disclosure> = {}): Disclosure {
  return { at, who: "Dr. A", role: "doctor", purpose: "treatment", what: "patient", ...changes };
}

/** A hospital that answers with these pages, one after the other. */
function hospital(...pages: readonly DisclosuresResult[]) {
  const asked: number[] = [];
  const ask = ({ from }: { from: number }): Promise<DisclosuresResult> => {
    asked.push(from);
    return Promise.resolve(pages[asked.length - 1] ?? { disclosures: [] });
  };
  return { asked, ask };
}

const read = (...pages: readonly DisclosuresResult[]) =>
  readAccesses(hospital(...pages).ask, SPAN, dayOf);

describe("who has seen the own record [HP-528]", () => {
  it("is nobody where the hospital knows of nobody", async () => {
    expect(await read({ disclosures: [] })).toEqual({ days: [] });
  });

  it("is one line for what one person looked at on one day, with all of it, from when to when and how often", async () => {
    const looks = [look(HOUR_MS), look(2 * HOUR_MS, { what: "worklist" }), look(3 * HOUR_MS)];
    const { days } = await read({ disclosures: looks });
    expect(days).toEqual([
      {
        at: HOUR_MS,
        accesses: [
          {
            ...{ who: "Dr. A", role: "doctor", purpose: "treatment" },
            ...{ what: ["patient", "worklist"], first: HOUR_MS, last: 3 * HOUR_MS, count: 3 },
          },
        ],
      },
    ]);
  });

  it("keeps apart days, people, roles and reasons, the latest first", async () => {
    const { days } = await read({
      disclosures: [
        look(1),
        look(2, { who: "Dr. B" }),
        look(3, { role: "privacy-officer" }),
        look(4, { purpose: "break-glass" }),
        look(DAY_MS),
      ],
    });
    expect(days.map(({ accesses }) => accesses.map(({ last }) => last))).toEqual([
      [DAY_MS],
      [4, 3, 2, 1],
    ]);
  });

  it("is asked for until there is no more", async () => {
    const { asked, ask } = hospital(
      { disclosures: [look(1)], nextFrom: 5 },
      { disclosures: [look(5)], nextFrom: 9 },
      { disclosures: [look(9)] },
    );
    const { days, cutAfter } = await readAccesses(ask, SPAN, dayOf);
    expect([asked, days[0]?.accesses[0]?.count, cutAfter]).toEqual([[0, 5, 9], 3, undefined]);
  });

  it("says where it stopped when there is more than can be asked for", async () => {
    let asked = 0;
    const endless = (): Promise<DisclosuresResult> =>
      Promise.resolve({ disclosures: [look(++asked)], nextFrom: asked + 1 });
    const { cutAfter } = await readAccesses(endless, SPAN, dayOf);
    expect([asked, cutAfter]).toEqual([40, 41]);
  });

  it("is unknown where the hospital fails", async () => {
    const failing = (): Promise<never> => Promise.reject(new Error("no"));
    await expect(readAccesses(failing, SPAN, dayOf)).rejects.toThrow("no");
  });
});
