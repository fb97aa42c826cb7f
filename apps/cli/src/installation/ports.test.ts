import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Clock } from "@siphms/device";

import { waitForFreePorts } from "./ports.ts";

/** Time passes as fast as somebody waits. */
function impatientClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
}

let server: Server;
let port: number;
let said: string[];
const say = (line: string): void => void said.push(line);

beforeEach(async () => {
  said = [];
  server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  port = (server.address() as AddressInfo).port;
});

afterEach(() => {
  server.close();
});

const wanted = () => [{ program: "gateway", port, option: "--gateway-port" }];

describe("the ports of an installation", () => {
  it("are refused while another program holds one, naming it and the way out", async () => {
    const waiting = waitForFreePorts(wanted(), impatientClock(), say);
    await expect(waiting).rejects.toThrow(`Port ${port} for the gateway is taken`);
    await expect(waitForFreePorts(wanted(), impatientClock(), say)).rejects.toThrow(
      "--gateway-port",
    );
  });

  it("are taken once the leftover of an earlier start has let go", async () => {
    const clock = impatientClock();
    let waits = 0;
    const closing: Clock = {
      ...clock,
      sleep: async (ms) => {
        waits += 1;
        if (waits === 3) await new Promise((resolve) => server.close(resolve));
        await clock.sleep(ms);
      },
    };
    await expect(waitForFreePorts(wanted(), closing, say)).resolves.toBeUndefined();
    expect(waits).toBeGreaterThanOrEqual(3);
    expect(said).toEqual([`Waiting for port ${port} ...`]);
  });
});
