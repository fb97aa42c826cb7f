import { FakeClock } from "@siphms/testkit";
import { describe, expect, it } from "vitest";

import { scheduleOf, sendOnSchedule } from "./schedule.ts";

describe("the schedule of an open loop", () => {
  it("spreads each phase's requests evenly over it", () => {
    const times = scheduleOf([
      { perSecond: 4, seconds: 1 },
      { perSecond: 2, seconds: 1.5 },
    ]);
    expect([...times]).toEqual([0, 250, 500, 750, 1_000, 1_500, 2_000]);
  });

  it.each([
    [{ perSecond: 0, seconds: 1 }],
    [{ perSecond: -1, seconds: 1 }],
    [{ perSecond: 1, seconds: 0 }],
    [{ perSecond: NaN, seconds: 1 }],
    [{ perSecond: 1, seconds: NaN }],
  ])("refuses %j", (phase) => {
    expect(() => scheduleOf([{ perSecond: 1, seconds: 1 }, phase])).toThrow(RangeError);
  });
});

describe("sending on a schedule", () => {
  const sending = (
    clock: FakeClock,
    timesMs: readonly number[],
    onSend?: (index: number) => void,
  ) => {
    const sent: [index: number, at: number][] = [];
    const done = sendOnSchedule({
      timesMs: Float64Array.from(timesMs),
      clock,
      send: (index) => {
        sent.push([index, clock.monotonic()]);
        onSend?.(index);
      },
    });
    return { sent, done };
  };

  it("sends each request at its time and none before", async () => {
    const clock = new FakeClock();
    const { sent, done } = sending(clock, [0, 10, 20.5]);
    await clock.advance(9.9);
    expect(sent).toEqual([[0, 0]]);
    await clock.advance(10.5);
    expect(sent).toEqual([
      [0, 0],
      [1, 10],
    ]);
    await clock.advance(1);
    await done;
    expect(sent.at(-1)).toEqual([2, 20.5]);
  });

  it("sends at once what could not be sent in time, and then keeps to the schedule", async () => {
    const clock = new FakeClock();
    // The first sending takes the whole process 35 ms.
    const { sent, done } = sending(clock, [0, 10, 20, 30, 40], (index) => {
      if (index === 0) void clock.advance(35);
    });
    await clock.advance(10);
    await done;
    expect(sent).toEqual([
      [0, 0],
      [1, 35],
      [2, 35],
      [3, 35],
      [4, 40],
    ]);
  });

  it("does not wait for answers", async () => {
    const clock = new FakeClock();
    const { sent, done } = sending(clock, [0, 0, 0]);
    await done;
    expect(sent).toHaveLength(3);
  });
});
