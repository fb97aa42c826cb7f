import { UPLINK_PING_MS, UPLINK_SILENCE_MS } from "@siphms/relay";
import { silentLogger } from "@siphms/server-kit";
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMovableClock } from "../testing/test-gateway.ts";
import { keepAlive } from "./keep-alive.ts";

const clock = createMovableClock();
let socket: EventEmitter & { ping: () => void; terminate: () => void };
let pings: number;
let terminated: number;

function pass(ms: number): void {
  clock.advance(ms);
  vi.advanceTimersByTime(ms);
}

beforeEach(() => {
  vi.useFakeTimers();
  pings = 0;
  terminated = 0;
  socket = Object.assign(new EventEmitter(), {
    ping: () => void (pings += 1),
    terminate: () => void (terminated += 1),
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("an uplink on which nothing is said", () => {
  it("is pinged again and again, and stays while the hospital answers", () => {
    keepAlive(socket, { clock, log: silentLogger });
    for (let time = 0; time < 20; time += 1) {
      pass(UPLINK_PING_MS);
      socket.emit("pong");
    }
    expect([pings, terminated]).toEqual([20, 0]);
  });

  it.each(["message", "ping"])("stays while a %s comes", (event) => {
    keepAlive(socket, { clock, log: silentLogger });
    for (let time = 0; time < 20; time += 1) {
      pass(UPLINK_PING_MS);
      socket.emit(event);
    }
    expect(terminated).toBe(0);
  });

  it("is ended when the hospital is silent for too long", () => {
    keepAlive(socket, { clock, log: silentLogger });
    pass(UPLINK_PING_MS);
    pass(UPLINK_PING_MS);
    expect(terminated).toBe(0);
    pass(UPLINK_SILENCE_MS - UPLINK_PING_MS);
    expect(terminated).toBe(1);
  });

  it("is not pinged any more when it was stopped", () => {
    keepAlive(socket, { clock, log: silentLogger })();
    pass(UPLINK_SILENCE_MS * 2);
    expect([pings, terminated]).toEqual([0, 0]);
  });
});
