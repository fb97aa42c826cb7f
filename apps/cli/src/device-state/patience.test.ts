import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Device, DeviceEvent } from "@siphms/device";

import { createCommandPatience, explainProblem } from "./patience.ts";
import type { CommandPatience } from "./patience.ts";

const LIMIT_MS = 10_000;
let listeners: Set<(event: DeviceEvent) => void>;
let patience: CommandPatience;

beforeEach(() => {
  vi.useFakeTimers();
  listeners = new Set();
  const device: Pick<Device, "subscribe"> = {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  patience = createCommandPatience(device, LIMIT_MS);
});

afterEach(() => {
  patience.release();
  vi.useRealTimers();
});

function refused(nextTryInMs: number): void {
  const nextTryAt = Date.now() + nextTryInMs;
  const event = { type: "problem", code: "HANDSHAKE_REFUSED", needsAttention: false } as const;
  for (const listener of listeners) listener({ ...event, nextTryAt });
}

describe("the patience of a command", () => {
  it("ends with its time", () => {
    vi.advanceTimersByTime(LIMIT_MS - 1);
    expect(patience.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(patience.signal.aborted).toBe(true);
    expect(patience.cause).toBeUndefined();
  });

  it("ends at once where the device's next try lies beyond its time, and says why", () => {
    refused(LIMIT_MS + 1);
    expect(patience.signal.aborted).toBe(true);
    expect(patience.cause).toBe("HANDSHAKE_REFUSED");
  });

  it("goes on where the next try comes in time", () => {
    refused(LIMIT_MS - 1);
    expect(patience.signal.aborted).toBe(false);
    expect(patience.cause).toBe("HANDSHAKE_REFUSED");
  });

  it("does not end with anything else that a device tells", () => {
    for (const listener of listeners) listener({ type: "state", state: "active" });
    expect(patience.signal.aborted).toBe(false);
    expect(patience.cause).toBeUndefined();
  });

  it("listens and waits no more once it is released", () => {
    patience.release();
    expect(listeners.size).toBe(0);
    vi.advanceTimersByTime(LIMIT_MS);
    expect(patience.signal.aborted).toBe(false);
  });
});

describe("what a problem means", () => {
  it.each(["HANDSHAKE_REFUSED", "HOSPITAL_KEY_UNKNOWN"] as const)(
    "says of a refusal that nothing was deleted: %s",
    (code) => {
      expect(explainProblem(code)).toContain("Nothing was deleted");
    },
  );

  it("names the code of a fault", () => {
    expect(explainProblem("NETWORK_UNREACHABLE")).toContain("NETWORK_UNREACHABLE");
  });
});
