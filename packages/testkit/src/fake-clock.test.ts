import { FakeClock } from "@siphms/testkit";
import { describe, expect, it } from "vitest";

describe("the fake clock", () => {
  it("stands still until it is moved", async () => {
    const clock = new FakeClock(1000);
    expect([clock.now(), clock.monotonic()]).toEqual([1000, 0]);
    await clock.advance(5);
    expect([clock.now(), clock.monotonic()]).toEqual([1005, 5]);
  });

  it("moves the wall clock alone when that is skewed, and wakes nobody", () => {
    const clock = new FakeClock(1000);
    void clock.sleep(10);
    clock.skewWall(-500);
    expect([clock.now(), clock.monotonic(), clock.sleeping]).toEqual([500, 0, 1]);
  });

  it("wakes sleepers in the order of their times, each at its own time", async () => {
    const clock = new FakeClock(0);
    const woken: [string, number][] = [];
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push([name, clock.now()]);
    };
    const all = [sleeper("late", 30), sleeper("early", 10), sleeper("too late", 31)];
    await clock.advance(30);
    expect(woken).toEqual([
      ["early", 10],
      ["late", 30],
    ]);
    await clock.advance(1);
    await Promise.all(all);
    expect(woken.length).toBe(3);
  });

  it("wakes one who sleeps again while time goes on", async () => {
    const clock = new FakeClock(0);
    const times: number[] = [];
    const loop = (async () => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(10);
        times.push(clock.now());
      }
    })();
    await clock.advance(35);
    await loop;
    expect(times).toEqual([10, 20, 30]);
  });

  it("ends a sleep when its signal aborts, before or during it", async () => {
    const clock = new FakeClock();
    await clock.sleep(10, AbortSignal.abort());
    const ending = new AbortController();
    const sleeping = clock.sleep(10, ending.signal);
    expect(clock.sleeping).toBe(1);
    ending.abort();
    await sleeping;
    expect(clock.sleeping).toBe(0);
    expect(clock.monotonic()).toBe(0);
  });
});
