import { createLifecycle, runProgram, ServerKitError, silentLogger } from "@siphms/server-kit";
import { EventEmitter } from "node:events";
import { beforeEach, describe, expect, it } from "vitest";

let signals: EventEmitter;
let stopped: string[];
let exits: number[];

function lifecycle(graceMs = 1000) {
  return createLifecycle({
    log: silentLogger,
    graceMs,
    signals,
    exitNow: (code) => {
      exits.push(code);
    },
  });
}

const step = (name: string) => ({ name, stop: () => void stopped.push(name) });

beforeEach(() => {
  signals = new EventEmitter();
  stopped = [];
  exits = [];
});

describe("the lifecycle of a program", () => {
  it.each(["SIGINT", "SIGTERM", "disconnect"])(
    "closes everything in the opposite order at %s",
    async (signal) => {
      const life = lifecycle();
      life.onStop(step("database"));
      life.onStop(step("server"));
      const ended = life.untilStopped();
      signals.emit(signal);
      expect([await ended, stopped]).toEqual([0, ["server", "database"]]);
    },
  );

  it("listens to nothing any more when it has ended", async () => {
    const life = lifecycle();
    const ended = life.untilStopped();
    await life.stop("test");
    await ended;
    expect(signals.eventNames()).toEqual([]);
  });

  it("closes the rest when one step fails, and says so in the exit code", async () => {
    const life = lifecycle();
    life.onStop(step("database"));
    life.onStop({ name: "server", stop: () => Promise.reject(new Error("no")) });
    const ended = life.untilStopped();
    signals.emit("SIGTERM");
    expect([await ended, stopped]).toEqual([1, ["database"]]);
  });

  it("closes at once what is opened when the stop has already begun", async () => {
    const life = lifecycle();
    life.onStop(step("database"));
    const ended = life.untilStopped();
    signals.emit("SIGTERM");
    await ended;
    life.onStop(step("opened too late"));
    expect(stopped).toEqual(["database", "opened too late"]);
  });

  it("gives up when a step takes too long", async () => {
    const life = lifecycle(10);
    life.onStop({ name: "server", stop: () => new Promise(() => undefined) });
    const ended = life.untilStopped();
    signals.emit("SIGTERM");
    expect(await ended).toBe(1);
  });

  it("exits at once at a second signal", async () => {
    const life = lifecycle();
    life.onStop(step("server"));
    const ended = life.untilStopped();
    signals.emit("SIGINT");
    signals.emit("SIGINT");
    await ended;
    expect([exits, stopped]).toEqual([[1], ["server"]]);
  });

  it("runs each step once, however often it is told to stop", async () => {
    const life = lifecycle();
    life.onStop(step("server"));
    expect(await Promise.all([life.stop("a"), life.stop("b")])).toEqual([true, true]);
    expect(stopped).toEqual(["server"]);
  });
});

describe("a program", () => {
  async function told(run: () => Promise<number>): Promise<[number, string]> {
    let text = "";
    const code = await runProgram({ name: "demo", run, tell: (more) => void (text += more) });
    return [code, text];
  }

  it("returns its own exit code and says nothing", async () => {
    expect(await told(() => Promise.resolve(7))).toEqual([7, ""]);
  });

  it("exits with 2 and the whole message where the operator can mend it", async () => {
    const run = () =>
      Promise.reject(new ServerKitError("SETTING_INVALID", "PORT is wrong. Set it."));
    expect(await told(run)).toEqual([2, "demo: PORT is wrong. Set it.\n"]);
  });

  it("exits with 1 and without the message at any other error", async () => {
    const [code, text] = await told(() => Promise.reject(new Error("value 72")));
    expect([code, text.includes("72"), text.includes('"errorName":"Error"')]).toEqual([
      1,
      false,
      true,
    ]);
  });
});
