import { createFetchHttp, type HttpRequest } from "@siphms/device";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";

const http = createFetchHttp(globalThis.fetch);
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A loopback server and a request to it. */
async function serve(listener: RequestListener): Promise<HttpRequest> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  return {
    method: "POST",
    url: `http://127.0.0.1:${String(port)}/x`,
    headers: { "content-type": "application/test" },
    body: new Uint8Array([1, 2, 3]),
    timeoutMs: 5_000,
    connection: "a",
  };
}

describe("createFetchHttp", () => {
  it("brings method, headers and body there, and status, headers and body back", async () => {
    const request = await serve((incoming, answer) => {
      incoming.on("data", (chunk: Buffer) => {
        answer.writeHead(202, { "Siphms-Cursor": "c1" });
        answer.end(
          `${incoming.method ?? ""} ${incoming.headers["content-type"] ?? ""} ${chunk.join()}`,
        );
      });
    });
    const answer = await http(request);
    expect(answer.status).toBe(202);
    expect(answer.headers["siphms-cursor"]).toBe("c1");
    expect(new TextDecoder().decode(answer.body)).toBe("POST application/test 1,2,3");
  });

  it.each([204, 400, 500, 507])("resolves with status %i", async (status) => {
    const request = await serve((_incoming, answer) => {
      answer.writeHead(status).end();
    });
    expect(await http(request)).toMatchObject({ status, body: new Uint8Array(0) });
  });

  it("does not follow a redirect", async () => {
    const request = await serve((_incoming, answer) => {
      answer.writeHead(307, { location: "/elsewhere" }).end();
    });
    await expect(http(request)).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE" });
  });

  it("throws NETWORK_TIMEOUT where no answer comes in time", async () => {
    const request = await serve(() => undefined);
    await expect(http({ ...request, timeoutMs: 50 })).rejects.toMatchObject({
      code: "NETWORK_TIMEOUT",
    });
  });

  it("throws NETWORK_TIMEOUT where the answer begins and never ends", async () => {
    const request = await serve((_incoming, answer) => {
      answer.writeHead(200);
      answer.write("a");
    });
    await expect(http({ ...request, timeoutMs: 100 })).rejects.toMatchObject({
      code: "NETWORK_TIMEOUT",
    });
  });

  it("throws ABORTED where the caller aborts", async () => {
    const abort = new AbortController();
    const request = await serve(() => {
      abort.abort();
    });
    await expect(http({ ...request, signal: abort.signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  it("throws ABORTED where the caller has aborted already", async () => {
    const request = await serve((_incoming, answer) => answer.end());
    await expect(http({ ...request, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  it("throws NETWORK_UNREACHABLE where nobody listens", async () => {
    const request = await serve(() => undefined);
    server?.close();
    await expect(http(request)).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE" });
  });

  it("does not read more than a mailbox answer can hold", async () => {
    const request = await serve((_incoming, answer) => {
      answer.end(new Uint8Array(1_200_000));
    });
    await expect(http(request)).rejects.toMatchObject({ code: "GATEWAY_FAILED" });
  });
});
