import http from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { HttpRequest } from "@siphms/device";

import { createNodeHttp } from "./node-http.ts";

let server: http.Server;
let connections: number;
let answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;

beforeEach(async () => {
  connections = 0;
  answer = (_, response) => response.end("ok");
  server = http.createServer((request, response) => answer(request, response));
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function request(change: Partial<HttpRequest> = {}): HttpRequest {
  const { port } = server.address() as AddressInfo;
  return {
    method: "GET",
    url: `http://127.0.0.1:${port}/`,
    headers: {},
    timeoutMs: 5_000,
    connection: "session-a",
    ...change,
  };
}

describe("the HTTP adapter", () => {
  it("hands back status, headers in lower case and body of any answer", async () => {
    answer = (_, response) => {
      response.writeHead(429, { "Retry-After": "7" }).end(Buffer.from([1, 2, 255]));
    };
    const found = await createNodeHttp()(request());
    expect(found.status).toBe(429);
    expect(found.headers["retry-after"]).toBe("7");
    expect(found.body).toEqual(new Uint8Array([1, 2, 255]));
  });

  it("sends the body with its length", async () => {
    answer = (incoming, response) => {
      response.end(`${incoming.method ?? ""} ${incoming.headers["content-length"] ?? ""}`);
    };
    const body = new Uint8Array([1, 2, 3]);
    const found = await createNodeHttp()(request({ method: "POST", body }));
    expect(Buffer.from(found.body).toString()).toBe("POST 3");
  });

  it("uses one connection again within a session, and another for the next session", async () => {
    const send = createNodeHttp();
    await send(request());
    await send(request());
    expect(connections).toBe(1);
    await send(request({ connection: "session-b" }));
    expect(connections).toBe(2);
  });

  it("does not follow a redirect", async () => {
    answer = (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    expect((await createNodeHttp()(request())).status).toBe(302);
  });

  it("names an unreachable gateway", async () => {
    await expect(createNodeHttp()(request({ url: "http://127.0.0.1:1/" }))).rejects.toMatchObject({
      code: "NETWORK_UNREACHABLE",
    });
  });

  it("names a gateway that does not answer in time", async () => {
    answer = () => undefined;
    await expect(createNodeHttp()(request({ timeoutMs: 50 }))).rejects.toMatchObject({
      code: "NETWORK_TIMEOUT",
    });
  });

  it("names a request that was ended", async () => {
    const ended = new AbortController();
    answer = () => ended.abort();
    await expect(createNodeHttp()(request({ signal: ended.signal }))).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  it("refuses an answer that is cut off", async () => {
    answer = (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("too short");
      response.destroy();
    };
    await expect(createNodeHttp()(request())).rejects.toMatchObject({
      code: "NETWORK_UNREACHABLE",
    });
  });

  it("refuses an answer that is longer than any of a gateway", async () => {
    answer = (_, response) => response.end(Buffer.alloc(1_200_000));
    await expect(createNodeHttp()(request())).rejects.toMatchObject({
      code: "NETWORK_UNREACHABLE",
    });
  });
});
