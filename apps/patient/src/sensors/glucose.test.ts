import { describe, expect, it } from "vitest";
import { meter, settle, SEVEN, World } from "./testing/world.ts";

describe("a glucose meter", () => {
  const record = (sequence: number) => [2, sequence, 0, ...SEVEN, 100 + sequence, 0xb0, 0x11];
  const success = [6, 0, 1, 1];

  it("whose transfer breaks is asked for the rest only, and each record is recorded once", async () => {
    const world = new World();
    const sensor = meter();
    const asked: (readonly number[])[] = [];
    sensor.onWrite = (request) => {
      asked.push(request);
      if (asked.length === 1) {
        sensor.notify(0x2a18, ...record(1));
        sensor.notify(0x2a18, ...record(2));
        sensor.drop();
      } else {
        sensor.notify(0x2a18, ...record(3));
        sensor.notify(0x2a52, ...success);
      }
    };
    await world.started([sensor]);
    await settle(world);
    await world.clock.advance(1000);
    await settle(world);
    expect(asked).toEqual([
      [1, 1],
      [1, 3, 1, 3, 0],
    ]);
    expect(world.values(6)).toHaveLength(3);
    expect(world.of("transfer").map(({ outcome, records }) => [outcome, records])).toEqual([
      ["lost", 2],
      ["complete", 1],
    ]);
  });

  it("that falls silent in a transfer is connected to anew", async () => {
    const world = new World();
    const sensor = meter();
    await world.started([sensor], { transferSilenceMs: 300 });
    await world.clock.advance(300);
    expect(world.of("transfer").map(({ outcome }) => outcome)).toEqual(["lost"]);
    expect(world.states("meter").at(-1)).toBe("lost");
  });

  it("is not believed to be read where a record of it could not be", async () => {
    const world = new World();
    const sensor = meter();
    const asked: (readonly number[])[] = [];
    sensor.onWrite = (request) => {
      asked.push(request);
      sensor.notify(0x2a18, 2, 1);
      sensor.notify(0x2a18, ...record(5));
      sensor.notify(0x2a52, ...success);
    };
    await world.started([sensor]);
    sensor.drop();
    await settle(world);
    await world.clock.advance(1000);
    await settle(world);
    expect(asked).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(world.of("malformed")).toHaveLength(2);
  });

  it("that was reset is read from its beginning", async () => {
    const world = new World();
    const sensor = meter();
    const asked: (readonly number[])[] = [];
    const answers = [[9], [], [1], [1]];
    sensor.onWrite = (request) => {
      asked.push(request);
      for (const sequence of answers.shift() ?? []) sensor.notify(0x2a18, ...record(sequence));
      sensor.notify(0x2a52, ...success);
    };
    await world.started([sensor]);
    await settle(world);
    sensor.drop();
    await settle(world);
    await world.clock.advance(1000);
    await settle(world);
    expect(asked).toEqual([
      [1, 1],
      [1, 3, 1, 10, 0],
      [1, 6],
      [1, 1],
    ]);
    expect(world.values(6)).toHaveLength(2);
  });

  it("is asked again for what was not taken for want of room", async () => {
    const world = new World();
    const sensor = meter();
    const asked: (readonly number[])[] = [];
    sensor.onWrite = (request) => {
      asked.push(request);
      sensor.notify(0x2a18, ...record(1));
      sensor.notify(0x2a52, ...success);
    };
    await world.started([sensor], { maxWaitingSamples: 0 });
    await settle(world);
    sensor.drop();
    await settle(world);
    await world.clock.advance(1000);
    await settle(world);
    expect(world.of("not-taken")).toHaveLength(2);
    expect(asked).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});
