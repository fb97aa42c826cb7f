import { describe, expect, it } from "vitest";
import { SensorError } from "./bluetooth.ts";
import { FakeSensor } from "./testing/fake-bluetooth.ts";
import { cuff, SEVEN, settle, strap, World } from "./testing/world.ts";

const HEART_RATE = 0x2a37;
const PRESSURE = 0x2a35;
const measured = (systolic: number) => [2, systolic, 0, 80, 0, 0xff, 7, ...SEVEN];

describe("a sensor that is chosen", () => {
  it("is subscribed to before anything is read from it", async () => {
    const world = new World();
    const sensor = strap();
    await world.started([sensor]);
    const subscriptions = sensor.log.map((step, at) => (step.startsWith("subscribe") ? at : -1));
    const firstRead = sensor.log.findIndex((step) => step.startsWith("read"));
    expect(firstRead).toBeGreaterThan(Math.max(...subscriptions));
    expect(world.states("strap")).toEqual(["connecting", "measuring"]);
    expect(world.of("battery")).toEqual([{ kind: "battery", sensor: "strap", percent: 87 }]);
  });

  it("has its seconds gathered into one series, with where it sits and its battery", async () => {
    const world = new World();
    const sensor = strap();
    await world.started([sensor], { batchSamples: 3 });
    for (const rate of [70, 71, 72]) {
      expect(world.recorded).toEqual([]);
      sensor.notify(HEART_RATE, 6, rate);
      await world.clock.advance(1000);
    }
    const [[series, ...others] = []] = world.recorded;
    expect(others).toEqual([]);
    expect(series).toMatchObject({
      kind: 1,
      values: [70, 71, 72],
      deltas: [0, 1000, 1000],
      status: [6, 6, 6],
    });
    expect(series?.sensor).toEqual({ batteryPercent: 87, bodySite: 1 });
  });

  it("has an unfinished batch recorded when that is old, and at once when the page is hidden", async () => {
    const world = new World();
    const sensor = strap();
    const sensors = await world.started([sensor], { batchAgeMs: 5000 });
    sensor.notify(HEART_RATE, 6, 70);
    await world.clock.advance(4999);
    expect(world.values(1)).toEqual([]);
    await world.clock.advance(1);
    expect(world.values(1)).toEqual([70]);
    sensor.notify(HEART_RATE, 6, 71);
    await sensors.pageHidden();
    expect(world.values(1)).toEqual([70, 71]);
  });

  it("loses no measurement that comes before its subscription is answered", async () => {
    const world = new World();
    const sensor = cuff();
    sensor.onStep = (step) => {
      if (step === "subscribe 2a35") sensor.notify(PRESSURE, ...measured(120));
    };
    await world.started([sensor]);
    expect(world.values(2)).toEqual([[120, 80, null]]);
  });

  it("loses no measurement when it hangs up before it was asked for its clock", async () => {
    const world = new World();
    const sensor = cuff([...SEVEN, 1, 0, 0]);
    sensor.onStep = (step) => {
      if (step === "subscribe 2a36") {
        sensor.notify(PRESSURE, ...measured(120));
        sensor.drop();
      }
    };
    await world.started([sensor]);
    await settle(world);
    expect(world.values(2)).toEqual([[120, 80, null]]);
    expect(world.states("cuff")).toEqual(["connecting", "lost"]);
  });

  it("tells a malformed value as an event without the value, and goes on", async () => {
    const world = new World();
    const sensor = strap();
    await world.started([sensor], { batchSamples: 1 });
    sensor.notify(HEART_RATE, 0x17, 1, 1);
    sensor.notify(HEART_RATE, 6, 70);
    await settle(world);
    expect(world.of("malformed")).toEqual([
      { kind: "malformed", sensor: "strap", characteristic: HEART_RATE, code: "GATT_TOO_SHORT" },
    ]);
    expect(world.values(1)).toEqual([70]);
  });

  it("tells lost contact once, and withholds what was measured without", async () => {
    const world = new World();
    const sensor = strap();
    await world.started([sensor]);
    sensor.notify(HEART_RATE, 4, 0);
    sensor.notify(HEART_RATE, 4, 0);
    expect(world.of("contact").map(({ contact }) => contact)).toEqual(["absent"]);
    expect(world.of("withheld").map(({ withheld }) => withheld)).toEqual([
      [{ kind: 1, reason: "no-contact" }],
      [{ kind: 1, reason: "no-contact" }],
    ]);
    expect(world.recorded).toEqual([]);
  });

  it("that has no health service is not supported and is left alone", async () => {
    const world = new World();
    const sensor = new FakeSensor("lamp", { "180f": { "2a19": { value: [9] } } });
    await world.started([sensor]);
    await world.clock.advance(600_000);
    expect(world.states("lamp")).toEqual(["connecting", "not-supported"]);
    expect(sensor.log).toEqual(["connect", "discover"]);
  });
});

describe("a meter's clock", () => {
  it("that is an hour slow is told, and its times are put right", async () => {
    const world = new World();
    const sensor = cuff([...SEVEN, 1, 0, 0]);
    await world.started([sensor]);
    sensor.notify(PRESSURE, ...measured(120));
    await settle(world);
    expect(world.of("clock")).toEqual([{ kind: "clock", sensor: "cuff", error: -3_600_000 }]);
    expect(world.recorded[0]?.[0]?.start).toBe(Date.UTC(2026, 0, 5, 8));
  });

  it("puts right what came before it was read, too", async () => {
    const world = new World();
    const sensor = cuff([...SEVEN, 1, 0, 0]);
    sensor.onStep = (step) => {
      if (step === "subscribe 2a35") sensor.notify(PRESSURE, ...measured(120));
    };
    await world.started([sensor]);
    await settle(world);
    expect(world.recorded[0]?.[0]?.start).toBe(Date.UTC(2026, 0, 5, 8));
  });

  it("that was never set is told, and its times count as estimates", async () => {
    const world = new World();
    const sensor = cuff([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    await world.started([sensor]);
    sensor.notify(PRESSURE, ...measured(120));
    expect(world.of("clock")).toEqual([{ kind: "clock", sensor: "cuff", error: "unset" }]);
    expect(world.of("reading")[0]?.time).toMatchObject({ source: "arrival", isEstimated: true });
  });
});

describe("a connection that breaks", () => {
  const steps = [
    "connect",
    "discover",
    "subscribe 2a37",
    "subscribe 2a19",
    "read 2a38",
    "read 2a19",
  ];

  it.each(steps)("at %s is made anew after a wait, and measures", async (broken) => {
    const world = new World();
    const sensor = strap();
    let isBroken = false;
    sensor.onStep = (step) => {
      if (step !== broken || isBroken) return;
      isBroken = true;
      sensor.drop();
    };
    await world.started([sensor], { batchSamples: 1 });
    await settle(world);
    expect(world.states("strap").at(-1)).toBe("lost");
    await world.clock.advance(1000);
    expect(world.states("strap").at(-1)).toBe("measuring");
    sensor.notify(HEART_RATE, 6, 70);
    await settle(world);
    expect(world.values(1)).toEqual([70]);
  });

  it("waits twice as long after each failure, says until when, and comes back at once when asked", async () => {
    const world = new World();
    const sensor = strap();
    sensor.onStep = () => {
      throw new SensorError("SENSOR_AWAY");
    };
    const start = world.clock.now();
    const sensors = await world.started([sensor]);
    await world.clock.advance(3000);
    const lost = world.events.flatMap((event) =>
      event.kind === "state" && event.state.kind === "lost" ? [event.state] : [],
    );
    expect(lost.map(({ retryAt, reason }) => [retryAt - start, reason])).toEqual([
      [1000, "out-of-range"],
      [3000, "out-of-range"],
      [7000, "out-of-range"],
    ]);
    sensor.onStep = () => undefined;
    sensors.retryNow();
    await settle(world);
    expect(world.states("strap").at(-1)).toBe("measuring");
  });

  it("without an answer to connecting ends after its time", async () => {
    const world = new World();
    const sensor = strap();
    sensor.onStep = () => new Promise<void>(() => undefined);
    await world.started([sensor], { connectTimeoutMs: 500 });
    await world.clock.advance(500);
    expect(world.states("strap")).toEqual(["connecting", "lost"]);
  });

  it("tries an operation again while another is in progress, and gives up some day", async () => {
    const world = new World();
    const sensor = strap();
    let busy = 2;
    sensor.onStep = (step) => {
      if (step === "discover" && busy-- > 0) throw new SensorError("SENSOR_BUSY");
    };
    await world.started([sensor], { busyTries: 3, busyWaitMs: 10 });
    await world.clock.advance(20);
    expect(world.states("strap")).toEqual(["connecting", "measuring"]);
    busy = Infinity;
    sensor.drop();
    await settle(world);
    await world.clock.advance(1020);
    expect(world.states("strap").slice(2)).toEqual(["lost", "connecting", "lost"]);
  });

  it("for want of permission is not tried again; with the adapter off it is", async () => {
    const world = new World();
    const [denied, off] = [strap("denied"), strap("off")];
    denied.onStep = () => {
      throw new SensorError("BLUETOOTH_DENIED");
    };
    off.onStep = () => {
      throw new SensorError("BLUETOOTH_OFF");
    };
    await world.started([denied, off]);
    await world.clock.advance(1000);
    expect(world.states("denied")).toEqual(["connecting", "permission-denied"]);
    expect(world.states("off").slice(0, 3)).toEqual(["connecting", "lost", "connecting"]);
  });

  it("leaves the other sensor alone", async () => {
    const world = new World();
    const [one, two] = [strap("one"), strap("two")];
    await world.started([one, two], { batchSamples: 1 });
    one.drop();
    two.notify(HEART_RATE, 6, 64);
    await settle(world);
    expect([world.states("one").at(-1), world.states("two").at(-1)]).toEqual(["lost", "measuring"]);
    expect(world.values(1)).toEqual([64]);
  });
});

describe("a cuff of several users", () => {
  const ofUser = (user: number) => [8, 120, 0, 80, 0, 0xff, 7, user];

  it("has nothing recorded of the others, nor of anybody before the patient said who he is", async () => {
    const world = new World();
    const sensor = cuff();
    const sensors = await world.started([sensor]);
    sensor.notify(PRESSURE, ...ofUser(1));
    await sensors.setUser("cuff", 1);
    sensor.notify(PRESSURE, ...ofUser(2));
    await settle(world);
    expect(world.recorded).toEqual([]);
    expect(world.of("withheld").map(({ withheld }) => withheld[0]?.reason)).toEqual([
      "other-user",
      "other-user",
    ]);
    sensor.notify(PRESSURE, ...ofUser(1));
    await settle(world);
    expect(world.values(2)).toEqual([[120, 80, null]]);
  });

  it("is forgotten with everything when the patient says so", async () => {
    const world = new World();
    const sensor = cuff();
    const sensors = await world.started([sensor]);
    await sensors.forget("cuff");
    expect(sensor.isConnected).toBe(false);
    expect(sensors.list()).toEqual([]);
    expect(new TextDecoder().decode(world.bytes)).not.toContain("cuff");
  });
});

describe("choosing", () => {
  it.each([
    "CHOICE_CANCELLED",
    "BLUETOOTH_DENIED",
    "BLUETOOTH_OFF",
    "BLUETOOTH_UNSUPPORTED",
  ] as const)("that ends with %s says so and remembers nothing", async (code) => {
    const world = new World();
    const sensors = await world.started([]);
    world.bluetooth.choices.push(code);
    expect(await sensors.choose()).toBeUndefined();
    expect(world.of("search").map(({ state }) => state)).toEqual(["searching", code]);
    expect(sensors.list()).toEqual([]);
  });

  it("is needed again after a reload only for what the browser has forgotten", async () => {
    const world = new World();
    const [one, two] = [strap("one"), strap("two")];
    await (await world.started([one, two])).stop();
    world.bluetooth.knownSensors = [one];
    const sensors = await world.started([]);
    expect(sensors.list().map(({ id, state }) => [id, state.kind])).toEqual([
      ["one", "measuring"],
      ["two", "choose-again"],
    ]);
  });
});

describe("stopping", () => {
  it("disconnects all, records what is there, and leaves nobody waiting", async () => {
    const world = new World();
    const [one, two] = [strap("one"), strap("two")];
    const sensors = await world.started([one, two]);
    one.notify(HEART_RATE, 6, 70);
    expect(await sensors.stop()).toBe(0);
    expect([one.isConnected, two.isConnected]).toEqual([false, false]);
    expect(world.values(1)).toEqual([70]);
    await settle(world);
    expect(world.clock.sleeping).toBe(0);
  });

  it("says how much could not be recorded, and another start records it", async () => {
    const world = new World();
    const sensor = strap();
    const sensors = await world.started([sensor]);
    sensor.notify(HEART_RATE, 6, 70);
    world.faults.push({ when: "before", code: "STORE_FAILED" });
    expect(await sensors.stop()).toBe(1);
    await sensors.start();
    await settle(world);
    expect(world.values(1)).toEqual([70]);
  });
});

describe("recording that fails", () => {
  it.each(["before", "after"] as const)(
    "%s it was stored loses nothing and doubles nothing",
    async (when) => {
      const world = new World();
      const sensor = strap();
      await world.started([sensor], { batchSamples: 1, saveRetryMs: 100 });
      world.faults.push({ when, code: "STORE_FAILED" });
      sensor.notify(HEART_RATE, 6, 70);
      await settle(world);
      sensor.notify(HEART_RATE, 6, 71);
      expect(world.of("save-failed").map(({ code }) => code)).toEqual(["STORE_FAILED"]);
      await world.clock.advance(100);
      expect(world.values(1)).toEqual([70, 71]);
    },
  );

  it("for ever takes no more than the limit, and says so", async () => {
    const world = new World();
    const sensor = strap();
    await world.started([sensor], { maxWaitingSamples: 2 });
    for (const rate of [70, 71, 72]) sensor.notify(HEART_RATE, 6, rate);
    expect(world.of("not-taken")).toHaveLength(1);
  });

  it("because of one measurement drops that one alone, and says so", async () => {
    const world = new World();
    const sensor = strap();
    const sensors = await world.started([sensor]);
    for (const rate of [70, 71]) sensor.notify(HEART_RATE, 6, rate);
    const invalid = { when: "before", code: "READINGS_INVALID" } as const;
    world.faults.push(invalid, invalid);
    await sensors.pageHidden();
    expect(world.of("unusable")).toEqual([{ kind: "unusable", samples: 1 }]);
    expect(world.values(1)).toEqual([71]);
  });
});

describe("a repetition", () => {
  it("is dropped, also after a reload, and a new measurement is not", async () => {
    const world = new World();
    const sensor = cuff();
    const sensors = await world.started([sensor]);
    sensor.notify(PRESSURE, ...measured(120));
    sensor.notify(PRESSURE, ...measured(120));
    await sensors.stop();
    world.bluetooth.knownSensors = [sensor];
    await world.started([]);
    sensor.notify(PRESSURE, ...measured(120));
    sensor.notify(PRESSURE, ...measured(121));
    await settle(world);
    expect(world.values(2)).toEqual([
      [120, 80, null],
      [121, 80, null],
    ]);
    expect(world.of("repeated")).toHaveLength(2);
  });

  it("is known even where the page died between recording and remembering", async () => {
    const world = new World();
    const sensor = cuff();
    await world.started([sensor]);
    world.faults.push({ when: "after", code: "STORE_FAILED" });
    sensor.notify(PRESSURE, ...measured(120));
    await settle(world);
    world.bluetooth.knownSensors = [sensor];
    await world.started([]);
    sensor.notify(PRESSURE, ...measured(120));
    await settle(world);
    expect(world.values(2)).toEqual([[120, 80, null]]);
  });
});
