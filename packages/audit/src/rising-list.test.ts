import { describe, expect, it } from "vitest";
import { RisingList } from "./rising-list.ts";

function listOf(...numbers: readonly number[]): RisingList<number> {
  const list = new RisingList<number>((item) => item);
  for (const number of numbers) list.add(number);
  return list;
}

describe("a rising list", () => {
  it("has its items in order, however they came, and one by one they leave it", () => {
    const list = listOf(5, 1, 9, 3, 3);
    const left: (number | undefined)[] = [];
    while (list.size > 0) {
      left.push(list.first);
      list.dropFirst();
      if (left.length === 2) list.add(4);
    }
    expect(left).toEqual([1, 3, 3, 4, 5, 9]);
    expect(list.first).toBeUndefined();
  });

  it("finds the last one up to a number, and none that has left", () => {
    const list = listOf(1, 3, 5, 7, 9);
    expect([0, 3, 4, 99].map((key) => list.lastUpTo(key))).toEqual([undefined, 3, 3, 9]);
    list.dropFirst();
    expect(list.lastUpTo(2)).toBeUndefined();
  });

  it.each([
    [{ first: 4, last: 7 }, [1, 30, 50, 70, 9]],
    [{ first: 0, last: 0 }, [1, 3, 5, 7, 9]],
    [{ first: 0, last: 3 }, [10, 30, 5, 7, 9]],
    [{ first: 9, last: 99 }, [1, 3, 5, 7, 90]],
  ])("has others put in the place of those that a range may meet: %o", (range, after) => {
    const list = listOf(1, 3, 5, 7, 9);
    list.replace(range, (item) => [item * 10]);
    expect([...list]).toEqual(after);
    list.replace({ first: 0, last: 1_000 }, () => []);
    expect([...list]).toEqual([]);
  });
});
