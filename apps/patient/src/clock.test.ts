import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { browserClock } from "./clock.ts";

describe("browserClock", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("sleeps as long as it is asked to, not shorter", async () => {
    const woken = vi.fn();
    void browserClock.sleep(1_000).then(woken);
    await vi.advanceTimersByTimeAsync(999);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(woken).toHaveBeenCalledOnce();
  });

  it("wakes at once, without an error, when it is told to, and leaves no timer", async () => {
    const stop = new AbortController();
    const sleeping = browserClock.sleep(60_000, stop.signal);
    stop.abort();
    await expect(sleeping).resolves.toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not fall asleep where it was told to stop before", async () => {
    await expect(browserClock.sleep(60_000, AbortSignal.abort())).resolves.toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
