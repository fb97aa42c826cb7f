import { beforeEach, describe, expect, it } from "vitest";

import { FakeClock } from "@siphms/testkit";

import { supervise } from "./supervise.ts";
import type { Running } from "./supervise.ts";

interface FakePart extends Running {
  readonly endByItself: (reason: string) => void;
  readonly stops: string[];
}

function fakePart(): FakePart {
  const stops: string[] = [];
  let end: (reason: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  return {
    ended,
    stops,
    endByItself: end,
    stop: () => {
      stops.push("stop");
      end("stopped");
      return Promise.resolve();
    },
    kill: () => {
      stops.push("kill");
      end("killed");
    },
  };
}

let clock: FakeClock;
let said: string[];
let started: FakePart[];

beforeEach(() => {
  clock = new FakeClock();
  said = [];
  started = [];
});

function start(): Promise<Running> {
  const part = fakePart();
  started.push(part);
  return Promise.resolve(part);
}

/** Lets a part end, and its supervisor hear of it. */
async function end(part: FakePart | undefined): Promise<void> {
  part?.endByItself("exit code 1");
  await clock.advance(0);
}

const options = { name: "gateway", start, say: (line: string) => void said.push(line) };

describe("a supervised part", () => {
  it("passes on that the first start failed", async () => {
    const failing = { ...options, start: () => Promise.reject(new Error("port taken")) };
    await expect(supervise({ ...failing, clock })).rejects.toThrow("port taken");
  });

  it("is started again after a second when it ends by itself, and says so", async () => {
    await supervise({ ...options, clock });
    await end(started[0]);
    await clock.advance(999);
    expect(started).toHaveLength(1);
    await clock.advance(1);
    expect(started).toHaveLength(2);
    expect(said).toEqual([
      "The gateway ended by itself (exit code 1); starting it again in 1 s.",
      "The gateway runs again.",
    ]);
  });

  it("waits longer each time that it ends soon, up to half a minute", async () => {
    await supervise({ ...options, clock });
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      await end(started.at(-1));
      expect(said.at(-1)).toContain(`again in ${seconds} s`);
      await clock.advance(seconds * 1_000);
    }
  });

  it("waits a second again after it was healthy for a minute", async () => {
    await supervise({ ...options, clock });
    await end(started[0]);
    await clock.advance(1_000);
    await clock.advance(60_000);
    await end(started[1]);
    await clock.advance(0);
    expect(said.at(-1)).toContain("again in 1 s");
  });

  it("is tried again when a later start fails", async () => {
    let fails = false;
    const sometimes = {
      ...options,
      start: () => (fails ? Promise.reject(new Error("port taken")) : start()),
    };
    await supervise({ ...sometimes, clock });
    fails = true;
    await end(started[0]);
    await clock.advance(1_000);
    expect(said.at(-1)).toContain("(port taken); starting it again in 2 s");
    fails = false;
    await clock.advance(2_000);
    expect(said.at(-1)).toBe("The gateway runs again.");
  });

  it("is not started again when it was told to stop", async () => {
    const part = await supervise({ ...options, clock });
    await part.stop();
    await clock.advance(60_000);
    expect(started).toHaveLength(1);
    expect(started[0]?.stops).toEqual(["stop"]);
    expect(said).toEqual([]);
  });

  it("is not started again when it is stopped between two starts", async () => {
    const part = await supervise({ ...options, clock });
    await end(started[0]);
    await clock.advance(500);
    await part.stop();
    await clock.advance(60_000);
    expect(started).toHaveLength(1);
  });

  it("is ended at once when it was told so", async () => {
    const part = await supervise({ ...options, clock });
    part.kill();
    await clock.advance(60_000);
    expect(started[0]?.stops).toEqual(["kill"]);
    expect(started).toHaveLength(1);
  });
});
