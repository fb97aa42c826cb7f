import { once } from "node:events";
import http from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { createHttpLane, NO_STATUS } from "./http-lane.ts";
import type { HttpLane } from "./http-lane.ts";

const LONG_MS = 20_000;
const REQUEST = Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n");

const servers: Server[] = [];
const lanes: HttpLane[] = [];

afterEach(() => {
  for (const lane of lanes.splice(0)) lane.close();
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function laneTo(port: number): HttpLane {
  const lane = createHttpLane(port);
  lanes.push(lane);
  return lane;
}

/** A server that does with each connection's requests what the test says. */
async function listenRaw(onRequest: (socket: Socket, count: number) => void): Promise<number> {
  let count = 0;
  return listen(
    createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => onRequest(socket, (count += 1)));
    }),
  );
}

describe("a lane to a server", () => {
  it("sends one request after the other on one connection", async () => {
    let connections = 0;
    const server = http.createServer((request, response) => {
      response.end(`answer to ${request.url ?? ""}`);
    });
    server.on("connection", () => (connections += 1));
    const lane = laneTo(await listen(server));
    for (const path of ["/a", "/b", "/c"]) {
      const request = Buffer.from(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
      const { status, body } = await lane.send(request, LONG_MS);
      expect([status, body.toString()]).toEqual([200, `answer to ${path}`]);
    }
    expect(connections).toBe(1);
  });

  it("gives the headers as they came", async () => {
    const server = http.createServer((_request, response) => {
      response.writeHead(200, { "siphms-cursor": "abc", "content-length": 0 }).end();
    });
    const { head } = await laneTo(await listen(server)).send(REQUEST, LONG_MS);
    expect(head).toContain("siphms-cursor: abc");
  });

  it.each([202, 204, 429, 503])("takes %i without a body as an answer", async (status) => {
    const server = http.createServer((_request, response) => {
      response.writeHead(status, status === 204 ? {} : { "content-length": 0 }).end();
    });
    const answer = await laneTo(await listen(server)).send(REQUEST, LONG_MS);
    expect([answer.status, answer.body.length]).toEqual([status, 0]);
  });

  it("waits for an answer that comes in pieces", async () => {
    const pieces = ["HTTP/1.1 200 OK\r\nConte", "nt-Length: 6\r\n", "\r\nabc", "def"];
    const port = await listenRaw((socket) => {
      const sendNext = (): void => {
        const piece = pieces.shift();
        if (piece !== undefined) socket.write(piece, () => setImmediate(sendNext));
      };
      sendNext();
    });
    expect((await laneTo(port).send(REQUEST, LONG_MS)).body.toString()).toBe("abcdef");
  });

  it("connects again when the server has said that it closes", async () => {
    let connections = 0;
    const server = http.createServer((_request, response) => {
      response.writeHead(200, { connection: "close", "content-length": 0 }).end();
    });
    server.on("connection", () => (connections += 1));
    const lane = laneTo(await listen(server));
    await lane.send(REQUEST, LONG_MS);
    expect((await lane.send(REQUEST, LONG_MS)).status).toBe(200);
    expect(connections).toBe(2);
  });

  it("says that an answer was lost when the connection ends in its middle, and goes on", async () => {
    const port = await listenRaw((socket, count) => {
      if (count === 1) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    const lane = laneTo(port);
    expect((await lane.send(REQUEST, LONG_MS)).status).toBe(NO_STATUS.lost);
    expect((await lane.send(REQUEST, LONG_MS)).status).toBe(200);
  });

  it("gives up an answer whose length it is not told, and goes on", async () => {
    const port = await listenRaw((socket, count) => {
      const length = count === 1 ? "transfer-encoding: chunked" : "content-length: 0";
      socket.write(`HTTP/1.1 200 OK\r\n${length}\r\n\r\n`);
    });
    const lane = laneTo(port);
    expect((await lane.send(REQUEST, LONG_MS)).status).toBe(NO_STATUS.lost);
    expect((await lane.send(REQUEST, LONG_MS)).status).toBe(200);
  });

  it("says that an answer was lost where nobody listens", async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await once(server, "close");
    expect((await laneTo(port).send(REQUEST, LONG_MS)).status).toBe(NO_STATUS.lost);
  });

  it("gives an answer up after its time, with the connection, so that it cannot meet the next request", async () => {
    let first: Socket | undefined;
    const port = await listenRaw((socket, count) => {
      if (count === 1) {
        first = socket;
        return;
      }
      first?.write("HTTP/1.1 500 Late\r\ncontent-length: 0\r\n\r\n");
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    const lane = laneTo(port);
    expect((await lane.send(REQUEST, 20)).status).toBe(NO_STATUS.timeout);
    expect((await lane.send(REQUEST, LONG_MS)).status).toBe(200);
  });

  it("ends what is under way when it is closed", async () => {
    const port = await listenRaw(() => undefined);
    const lane = laneTo(port);
    const answer = lane.send(REQUEST, LONG_MS);
    lane.close();
    expect((await answer).status).toBe(NO_STATUS.lost);
  });

  it("refuses a second request before the first is answered", async () => {
    const port = await listenRaw(() => undefined);
    const lane = laneTo(port);
    void lane.send(REQUEST, LONG_MS);
    expect(() => lane.send(REQUEST, LONG_MS)).toThrow(TypeError);
  });
});
