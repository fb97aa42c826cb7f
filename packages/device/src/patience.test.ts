import { createNodeCrypto } from "@siphms/node-crypto";
import { FakeClock } from "@siphms/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { Patience } from "./patience.ts";
import type { DeviceEvent } from "./status.ts";

let clock: FakeClock;
let events: DeviceEvent[];
let patience: Patience;

beforeEach(() => {
  clock = new FakeClock();
  events = [];
  const emit = (event: DeviceEvent): void => {
    events.push(event);
  };
  patience = new Patience({ clock, crypto: createNodeCrypto(), emit });
});

function leftMs(): number {
  return (patience.nextTryAt ?? clock.now()) - clock.now();
}

describe("Patience", () => {
  it("lets everybody pass where nothing went wrong", async () => {
    await patience.passed(undefined);
    expect(patience.nextTryAt).toBeUndefined();
  });

  it("takes several requests that fail together for one fault", () => {
    for (let i = 0; i < 6; i++) patience.report({ code: "NETWORK_UNREACHABLE" });
    expect(leftMs()).toBeLessThanOrEqual(1_000);
    expect(events).toHaveLength(1);
  });

  it("waits longer for a fault that comes after the wait", async () => {
    patience.report({ code: "NETWORK_UNREACHABLE" });
    await clock.advance(1_000);
    patience.report({ code: "NETWORK_UNREACHABLE" });
    expect(leftMs()).toBeGreaterThanOrEqual(1_000);
  });

  it("begins small again after an answer", async () => {
    for (let i = 0; i < 8; i++) {
      patience.report({ code: "GATEWAY_FAILED" });
      await clock.advance(300_000);
    }
    patience.answered();
    patience.report({ code: "GATEWAY_FAILED" });
    expect(leftMs()).toBeLessThanOrEqual(1_000);
  });

  it("waits as long as the longest Retry-After that it was told", () => {
    patience.report({ code: "SLOW_DOWN", retryAfterMs: 60_000 });
    patience.report({ code: "SLOW_DOWN", retryAfterMs: 1_000 });
    expect(leftMs()).toBeGreaterThanOrEqual(60_000);
  });

  it("does not hurry because a Retry-After is 0", () => {
    patience.report({ code: "SLOW_DOWN", retryAfterMs: 0 });
    expect(leftMs()).toBeGreaterThanOrEqual(500);
  });

  it("does not count faults of the network as refusals", async () => {
    for (let i = 0; i < 20; i++) {
      patience.report({ code: "NETWORK_UNREACHABLE" });
      await clock.advance(300_000);
    }
    expect(patience.needsAttention).toBe(false);
  });

  it("lets those who wait go when it is told to try now", async () => {
    patience.report({ code: "HANDSHAKE_REFUSED" });
    let hasPassed = false;
    const waiting = patience.passed(undefined).then(() => {
      hasPassed = true;
    });
    await clock.advance(1_000);
    expect(hasPassed).toBe(false);
    patience.retryNow();
    await waiting;
    expect(patience.nextTryAt).toBeUndefined();
  });

  it("lets those who wait go when their signal aborts", async () => {
    patience.report({ code: "HANDSHAKE_REFUSED" });
    const abort = new AbortController();
    const waiting = patience.passed(abort.signal);
    abort.abort();
    await waiting;
    expect(leftMs()).toBe(60_000);
  });
});
