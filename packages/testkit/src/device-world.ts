import type { Crypto } from "@siphms/cose";
import {
  createUnsafeMemoryStore,
  openDevice,
  type Clock,
  type Device,
  type DeviceEvent,
  type DevicePorts,
  type DeviceSettings,
  type DurableStore,
} from "@siphms/device";
import { createNodeCrypto } from "@siphms/node-crypto";
import { FakeClock } from "./fake-clock.ts";
import { FakeGateway } from "./fake-gateway.ts";
import { FakeHospital } from "./fake-hospital.ts";

/** The longest that a test lets the fake time run on its own. */
const MAX_RUN_MS = 48 * 60 * 60_000;

/**
 * A device's surroundings in one process: fake time, fake network, fake hospital, and a way to let time pass only
 * when nothing else can happen.
 */
export interface DeviceWorld {
  readonly clock: FakeClock;
  readonly crypto: Crypto;
  readonly hospital: FakeHospital;
  readonly gateway: FakeGateway;
  readonly store: DurableStore;
  readonly ports: DevicePorts;
  /** Everything that devices opened by {@link open} told, in order. */
  readonly events: DeviceEvent[];
  /** Opens the engine on this world's store, or on another. */
  readonly open: (options?: { store?: DurableStore; settings?: DeviceSettings }) => Promise<Device>;
  /** Lets everything happen that needs no time. */
  readonly settle: () => Promise<void>;
  /** Lets things happen, and time pass where nothing else can, until the condition holds. */
  readonly until: (condition: () => boolean, what?: string) => Promise<void>;
  /** As {@link until}, for a promise. */
  readonly resolve: <T>(promise: Promise<T>) => Promise<T>;
  /** Lets exactly this much time pass, and everything happen in it. */
  readonly pass: (ms: number) => Promise<void>;
  /** Enrols a new device and has staff confirm it; nothing runs and nothing is under way afterwards. */
  readonly enrolActive: (device: Device) => Promise<void>;
}

/** The key under which the devices of a {@link DeviceWorld} keep their store. */
export const WORLD_STORE_KEY: Uint8Array<ArrayBuffer> = new Uint8Array(32).fill(5);

/** Makes a world with one hospital and one gateway. */
export async function createDeviceWorld(): Promise<DeviceWorld> {
  const clock = new FakeClock();
  const activity = { count: 0 };
  const crypto = counted(createNodeCrypto(), activity);
  const sleepers = new Set<number>();
  const watched = watchClock(clock, sleepers);
  const hospital = await FakeHospital.create({ crypto, clock: watched });
  const gateway = new FakeGateway({ crypto, clock: watched }, hospital);
  const store = createUnsafeMemoryStore();
  const ports = { clock: watched, crypto, store, http: gateway.http };
  const events: DeviceEvent[] = [];

  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3;) {
      await turn();
      quiet = activity.count === 0 ? quiet + 1 : 0;
    }
  };
  /** Moves to the next moment at which somebody wakes, but no further than `limit`. */
  const step = async (limit: number): Promise<boolean> => {
    await settle();
    const next = Math.min(limit, ...sleepers);
    if (next <= clock.monotonic() && next === limit) return false;
    await clock.advance(Math.max(0, next - clock.monotonic()));
    return true;
  };
  const until = async (condition: () => boolean, what = "the condition"): Promise<void> => {
    const limit = clock.monotonic() + MAX_RUN_MS;
    for (;;) {
      await settle();
      if (condition()) return;
      if (sleepers.size === 0) throw new Error(`nothing can happen any more before ${what}`);
      if (!(await step(limit))) throw new Error(`48 hours passed before ${what}`);
    }
  };
  const resolve = async <T>(promise: Promise<T>): Promise<T> => {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await until(() => isSettled, "the promise");
    return promise;
  };
  const pass = async (ms: number): Promise<void> => {
    const limit = clock.monotonic() + ms;
    while (await step(limit));
    await settle();
  };
  const open: DeviceWorld["open"] = async (options = {}) => {
    const { store: other = store, settings = {} } = options;
    const device = await openDevice(
      { ...ports, store: other },
      { storeKey: WORLD_STORE_KEY, settings },
    );
    device.subscribe((event) => events.push(event));
    return device;
  };
  const enrolActive = async (device: Device): Promise<void> => {
    const result = await resolve(device.enrol(hospital.invite(), { deviceName: "test phone" }));
    if (result.kind !== "pending") throw new Error("expected a code");
    if (!(await hospital.confirm(result.code))) throw new Error("the codes differ");
    const stop = new AbortController();
    const running = device.run({ signal: stop.signal });
    // Until the hospital knows as well that the device knows.
    await until(() => hospital.requests.some(({ method }) => method === "seen"));
    await settle();
    stop.abort();
    await resolve(running);
  };
  return {
    clock,
    crypto,
    hospital,
    gateway,
    store,
    ports,
    events,
    open,
    settle,
    until,
    resolve,
    pass,
    enrolActive,
  };
}

/** Counts what is under way in the thread pool, which no turn of the event loop shows. */
function counted(crypto: Crypto, activity: { count: number }): Crypto {
  return new Proxy(crypto, {
    get(target, property, receiver): unknown {
      const member: unknown = Reflect.get(target, property, receiver);
      if (typeof member !== "function") return member;
      return (...input: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, input);
        if (!(result instanceof Promise)) return result;
        activity.count++;
        return result.finally(() => {
          activity.count--;
        });
      };
    },
  });
}

function watchClock(clock: FakeClock, sleepers: Set<number>): Clock {
  const dues = new Map<object, number>();
  const refresh = (): void => {
    sleepers.clear();
    for (const due of dues.values()) sleepers.add(due);
  };
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: async (ms, signal) => {
      const token = {};
      dues.set(token, clock.monotonic() + Math.max(0, ms));
      refresh();
      await clock.sleep(ms, signal);
      dues.delete(token);
      refresh();
    },
  };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
