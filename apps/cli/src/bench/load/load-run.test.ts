import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

import { FakeClock } from "@siphms/testkit";
import { afterEach, describe, expect, it } from "vitest";

import { systemClock } from "../../device-state/system-clock.ts";
import { NO_STATUS } from "./http-lane.ts";
import { sendAll, sendPaced } from "./load-run.ts";
import type { PreparedRequest } from "./load-run.ts";

const TIMEOUT_MS = 20_000;
const servers: http.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Held {
  readonly url: string;
  readonly response: http.ServerResponse;
}

/** A server that holds every request until the test answers it. */
async function startHolding() {
  const held: Held[] = [];
  const waiting = new Set<() => void>();
  let connections = 0;
  const server = http.createServer((request, response) => {
    held.push({ url: request.url ?? "", response });
    for (const look of waiting) look();
  });
  server.on("connection", () => (connections += 1));
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    held,
    connections: () => connections,
    /** Waits until so many requests have come. */
    came: (count: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (held.length >= count) resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

async function startAnswering(status = 200): Promise<number> {
  const server = http.createServer((request, response) => {
    const body = request.url ?? "";
    response.writeHead(status, { "content-length": body.length }).end(body);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function requests(count: number, check?: PreparedRequest["check"]): readonly PreparedRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    bytes: Buffer.from(`GET /${index} HTTP/1.1\r\nhost: x\r\n\r\n`),
    ...(check === undefined ? {} : { check }),
  }));
}

const echo: PreparedRequest["check"] = (body) =>
  Promise.resolve({ messageId: Buffer.from(body).toString(), stored: 1 });

describe("a closed loop", () => {
  it("sends each request once and checks every answer", async () => {
    const port = await startAnswering();
    const options = { port, clock: systemClock, timeoutMs: TIMEOUT_MS, connections: 3 };
    const { status, receipts } = await sendAll(requests(10, echo), options);
    expect([...status]).toEqual(Array.from({ length: 10 }, () => 200));
    expect(receipts.map(({ messageId }) => messageId).sort()).toEqual(
      Array.from({ length: 10 }, (_, index) => `/${index}`),
    );
  });

  it("has no more requests under way than connections", async () => {
    const { port, held, came } = await startHolding();
    const options = { port, clock: systemClock, timeoutMs: TIMEOUT_MS, connections: 2 };
    const done = sendAll(requests(3), options);
    await came(2);
    expect(held.map(({ url }) => url)).toEqual(["/0", "/1"]);
    held[1]?.response.end();
    await came(3);
    for (const { response } of held) response.end();
    expect([...(await done).status]).toEqual([200, 200, 200]);
  });

  it("fails when an answer is not what was due", async () => {
    const port = await startAnswering();
    const options = { port, clock: systemClock, timeoutMs: TIMEOUT_MS, connections: 1 };
    const wrong = requests(2, () => Promise.reject(new Error("not a receipt")));
    await expect(sendAll(wrong, options)).rejects.toThrow("not a receipt");
  });

  it("checks no answer that is a refusal", async () => {
    const port = await startAnswering(429);
    const options = { port, clock: systemClock, timeoutMs: TIMEOUT_MS, connections: 1 };
    const { status, receipts } = await sendAll(requests(2, echo), options);
    expect([[...status], receipts]).toEqual([[429, 429], []]);
  });
});

describe("an open loop", () => {
  const phases = [{ perSecond: 100, seconds: 0.03 }];
  const paced = { phases, timeoutMs: TIMEOUT_MS, verify: "on-arrival" } as const;

  it("measures from the time when a request was due, however late a connection was free", async () => {
    const { port, held, came } = await startHolding();
    const clock = new FakeClock();
    const done = sendPaced(requests(3), { ...paced, port, clock, maxConnections: 1 });
    await clock.advance(20);
    await came(1);
    // The server stalls; two more are due meanwhile and cannot be sent.
    await clock.advance(480);
    expect(held).toHaveLength(1);
    for (let answered = 0; answered < 3; answered += 1) {
      await came(answered + 1);
      held[answered]?.response.end();
    }
    const { intendedMs, doneMs } = await done;
    expect([...intendedMs]).toEqual([0, 10, 20]);
    expect([...doneMs]).toEqual([500, 500, 500]);
  });

  it("sends on a new connection while others wait, and on a free one afterwards", async () => {
    const { port, held, came, connections } = await startHolding();
    const clock = new FakeClock();
    const checked: (() => void)[] = [];
    const bothAnswered = new Promise<void>((resolve) => checked.push(() => undefined, resolve));
    const check: PreparedRequest["check"] = (body) => {
      checked.shift()?.();
      return Promise.resolve({ messageId: Buffer.from(body).toString(), stored: 1 });
    };
    const done = sendPaced(requests(3, check), { ...paced, port, clock, maxConnections: 10 });
    await clock.advance(10);
    await came(2);
    expect(connections()).toBe(2);
    for (const { response } of held) response.end();
    await bothAnswered;
    await clock.advance(10);
    await came(3);
    held[2]?.response.end();
    expect([...(await done).status]).toEqual([200, 200, 200]);
    expect(connections()).toBe(2);
  });

  it("gives up without sending what waited too long for a connection", async () => {
    const { port, held, came } = await startHolding();
    const clock = new FakeClock();
    const done = sendPaced(requests(3), {
      ...paced,
      port,
      clock,
      maxConnections: 1,
      timeoutMs: 2_000,
    });
    await clock.advance(20);
    await came(1);
    await clock.advance(5_000);
    held[0]?.response.end();
    expect([...(await done).status]).toEqual([200, NO_STATUS.timeout, NO_STATUS.timeout]);
    expect(held).toHaveLength(1);
  });

  it.each(["on-arrival", "afterwards"] as const)("checks every answer %s", async (verify) => {
    const port = await startAnswering();
    const options = { ...paced, port, clock: systemClock, maxConnections: 2, verify };
    const { receipts } = await sendPaced(requests(3, echo), options);
    expect(receipts.map(({ messageId }) => messageId).sort()).toEqual(["/0", "/1", "/2"]);
  });

  it.each(["on-arrival", "afterwards"] as const)(
    "fails when an answer is not what was due, checked %s",
    async (verify) => {
      const port = await startAnswering();
      const options = { ...paced, port, clock: systemClock, maxConnections: 2, verify };
      const wrong = requests(3, () => Promise.reject(new Error("not a receipt")));
      await expect(sendPaced(wrong, options)).rejects.toThrow("not a receipt");
    },
  );

  it("refuses another number of requests than its phases make", async () => {
    const options = { ...paced, port: 1, clock: systemClock, maxConnections: 2 };
    await expect(sendPaced(requests(4), options)).rejects.toThrow(RangeError);
  });
});
