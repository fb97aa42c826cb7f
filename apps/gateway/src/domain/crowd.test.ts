import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCrowd } from "./crowd.ts";

describe("a crowd", () => {
  it("names the oldest member of the holder that has most", () => {
    const crowd = createCrowd<number>();
    crowd.add("a", 1);
    for (const member of [2, 3, 4]) crowd.add("b", member);
    crowd.add("a", 5);
    expect([crowd.largest(), crowd.countOf("a"), crowd.size()]).toEqual([
      { count: 3, oldest: 2 },
      2,
      5,
    ]);
    crowd.remove("b", 2);
    crowd.remove("b", 3);
    expect(crowd.largest()).toEqual({ count: 2, oldest: 1 });
  });

  it("names nobody when it is empty", () => {
    const crowd = createCrowd<number>();
    expect(crowd.largest()).toBeUndefined();
    crowd.add("a", 1);
    crowd.remove("a", 1);
    expect([crowd.largest(), crowd.size(), crowd.countOf("a")]).toEqual([undefined, 0, 0]);
  });

  it("counts nothing twice, and takes away nothing that is not there", () => {
    const crowd = createCrowd<number>();
    crowd.add("a", 1);
    crowd.add("a", 1);
    crowd.remove("a", 2);
    crowd.remove("b", 1);
    expect([crowd.largest(), crowd.size()]).toEqual([{ count: 1, oldest: 1 }, 1]);
  });

  it("always says what counting everything would say", () => {
    const step = fc.record({ add: fc.boolean(), holder: fc.nat(4), member: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const crowd = createCrowd<string>();
        const all = new Map<string, Set<string>>();
        for (const { add, holder, member } of steps) {
          const own = all.get(String(holder)) ?? new Set();
          all.set(String(holder), own);
          const name = `${String(holder)} ${String(member)}`;
          if (add) {
            own.add(name);
            crowd.add(String(holder), name);
          } else {
            own.delete(name);
            crowd.remove(String(holder), name);
          }
          const counts = [...all.values()].map((one) => one.size);
          const most = Math.max(...counts);
          const oldest = crowd.largest()?.oldest;
          const of = all.get(oldest?.split(" ")[0] ?? "");
          expect(crowd.size()).toBe(counts.reduce((sum, count) => sum + count, 0));
          expect(crowd.largest()?.count ?? 0).toBe(most);
          expect(of?.size ?? 0).toBe(most);
          expect([...(of ?? [])][0]).toBe(oldest);
        }
      }),
    );
  });
});
