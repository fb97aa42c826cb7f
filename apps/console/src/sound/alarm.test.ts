import { describe, expect, it, vi } from "vitest";
import { Alarm, SOUND_KEY } from "./alarm.ts";
import { SIGNALS } from "./tones.ts";

/** What the browser would play: the frequencies of the tones that were begun. */
class FakeContext extends EventTarget {
  state: AudioContextState = "suspended";
  readonly currentTime = 5;
  readonly destination = {};
  readonly played: number[] = [];
  isRefused = false;

  resume(): Promise<void> {
    if (this.isRefused) return Promise.reject(new Error("not allowed"));
    this.state = "running";
    this.dispatchEvent(new Event("statechange"));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.state = "closed";
    return Promise.resolve();
  }

  createOscillator() {
    const frequency = { value: 0 };
    const connect = (next: unknown) => next;
    const start = () => void this.played.push(frequency.value);
    return { frequency, connect, start, stop: () => undefined };
  }

  createGain() {
    const gain = { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined };
    return { gain, connect: (next: unknown) => next };
  }
}

function anAlarm({ kept, touched = false }: { kept?: string; touched?: boolean } = {}) {
  const context = new FakeContext();
  const store = new Map(kept === undefined ? [] : [[SOUND_KEY, kept]]);
  const openContext = vi.fn(() => context as unknown as AudioContext);
  const alarm = new Alarm({
    openContext,
    wasTouched: () => touched,
    storage: {
      getItem: (key) => store.get(key) ?? null,
      setItem: (key, value) => void store.set(key, value),
    },
  });
  return { alarm, context, store, openContext };
}

describe("the sound of alerts", () => {
  it("waits for somebody's press, and says so: nothing is played before (SR-66)", () => {
    const { alarm, context, openContext } = anAlarm();
    const listener = vi.fn();
    alarm.subscribe(listener);
    alarm.ring("urgent");
    expect(alarm.state()).toBe("locked");
    expect(openContext).not.toHaveBeenCalled();
    alarm.touched();
    expect(alarm.state()).toBe("on");
    expect(listener).toHaveBeenCalled();
    alarm.ring("urgent");
    expect(context.played).toHaveLength(SIGNALS.urgent.length);
  });

  it("is there at once where somebody has pressed something before", () => {
    expect(anAlarm({ touched: true }).alarm.state()).toBe("on");
  });

  it("stays locked where the browser refuses, and tries with the next press", () => {
    const { alarm, context } = anAlarm();
    context.isRefused = true;
    alarm.touched();
    expect(alarm.state()).toBe("locked");
    context.isRefused = false;
    alarm.touched();
    expect(alarm.state()).toBe("on");
  });

  it("is locked again where the machine takes it away", () => {
    const { alarm, context } = anAlarm({ touched: true });
    context.state = "suspended";
    expect(alarm.state()).toBe("locked");
  });

  it("is different for what is urgent, higher and quicker", () => {
    const mean = (level: "urgent" | "warn") =>
      SIGNALS[level].reduce((sum, { frequencyHz }) => sum + frequencyHz, 0) / SIGNALS[level].length;
    expect(mean("urgent")).toBeGreaterThan(1.5 * mean("warn"));
    expect(SIGNALS.urgent.length).toBeGreaterThan(SIGNALS.warn.length);
  });

  it("is off for good once somebody switched it off in this browser, until they switch it on", () => {
    const { alarm, context, store } = anAlarm({ touched: true });
    alarm.switchTo(false);
    alarm.touched();
    alarm.ring("urgent");
    expect(alarm.state()).toBe("off");
    expect(context.played).toEqual([]);
    expect(anAlarm({ kept: store.get(SOUND_KEY)!, touched: true }).alarm.state()).toBe("off");
    alarm.switchTo(true);
    expect(alarm.state()).toBe("on");
    expect(anAlarm({ kept: store.get(SOUND_KEY)!, touched: true }).alarm.state()).toBe("on");
  });

  it("is off in every window of the browser once it is switched off in one", () => {
    const { alarm, context, store } = anAlarm({ touched: true });
    const listener = vi.fn();
    alarm.subscribe(listener);
    store.set(SOUND_KEY, "off");
    alarm.follow();
    alarm.ring("urgent");
    expect(alarm.state()).toBe("off");
    expect(listener).toHaveBeenCalled();
    expect(context.played).toEqual([]);
    store.delete(SOUND_KEY);
    alarm.follow();
    expect(alarm.state()).toBe("on");
  });

  it("says that there is none where the browser can play nothing", () => {
    const storage = { getItem: () => null, setItem: () => undefined };
    const alarm = new Alarm({ openContext: undefined, wasTouched: () => true, storage });
    alarm.ring("urgent");
    expect(alarm.state()).toBe("none");
  });

  it("gives the machine's sound back when it is closed", () => {
    const { alarm, context } = anAlarm({ touched: true });
    alarm.close();
    expect(context.state).toBe("closed");
  });
});
