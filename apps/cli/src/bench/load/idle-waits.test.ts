import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

import { FakeClock } from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createIdleWaits } from "./idle-waits.ts";
import type { IdleWaits, WaitingSession } from "./idle-waits.ts";

interface Asked {
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly response: http.ServerResponse;
}

let server: http.Server;
let asked: Asked[];
let onAsked: () => void;
let clock: FakeClock;
let waits: IdleWaits;

beforeEach(async () => {
  asked = [];
  onAsked = () => undefined;
  server = http.createServer((request, response) => {
    asked.push({ url: request.url ?? "", headers: request.headers, response });
    onAsked();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  clock = new FakeClock();
  waits = createIdleWaits((server.address() as AddressInfo).port, clock);
});

afterEach(() => {
  waits.close();
  server.closeAllConnections();
  server.close();
});

function session(byte: number): WaitingSession {
  const bytes = (length: number) => new Uint8Array(length).fill(byte);
  const keys = {
    ...{ sid: bytes(16), keyUp: bytes(32), keyDown: bytes(32) },
    ...{ ivUp: bytes(12), ivDown: bytes(12) },
  };
  return { keys, pass: `pass${byte}` };
}

/** Adds waits while the clock goes on, and waits until the server was asked so often. */
async function add(sessions: readonly WaitingSession[], count = sessions.length): Promise<void> {
  const added = waits.add(sessions);
  await clock.advance(sessions.length);
  await added;
  await came(count);
}

async function came(count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    onAsked = () => {
      if (asked.length >= count) resolve();
    };
    onAsked();
  });
}

describe("idle mailbox waits", () => {
  it("ask for each session's mailbox, for as long as a gateway waits", async () => {
    await add([session(1), session(2)]);
    expect(
      asked.map(({ url, headers }) => [url, headers.authorization, headers["prefer"]]),
    ).toEqual([
      ["/v1/sessions/AQEBAQEBAQEBAQEBAQEBAQ/mailbox", "Bearer pass1", "wait=30"],
      ["/v1/sessions/AgICAgICAgICAgICAgICAg/mailbox", "Bearer pass2", "wait=30"],
    ]);
    expect(waits.state()).toEqual({ open: 2, failed: 0 });
  });

  it("ask again when there is nothing, and behind what came", async () => {
    await add([session(1)]);
    asked[0]?.response.writeHead(204).end();
    await came(2);
    asked[1]?.response.writeHead(200, { "siphms-cursor": "2k", "content-length": 0 }).end();
    await came(3);
    expect(asked.map(({ url }) => url.split("mailbox")[1])).toEqual(["", "", "?after=2k"]);
    expect(waits.state()).toEqual({ open: 1, failed: 0 });
  });

  it("count what is refused, and pause before they ask again", async () => {
    await add([session(1)]);
    asked[0]?.response.writeHead(429, { "content-length": 0 }).end();
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    expect([asked.length, waits.state()]).toEqual([1, { open: 0, failed: 1 }]);
    await clock.advance(1_000);
    await came(2);
    expect(waits.state()).toEqual({ open: 1, failed: 1 });
  });

  it("end with their connections, and ask no more", async () => {
    await add([session(1)]);
    const gone = once(asked[0]?.response ?? server, "close");
    waits.close();
    await gone;
    expect(asked).toHaveLength(1);
    expect(waits.state()).toEqual({ open: 0, failed: 0 });
  });
});
