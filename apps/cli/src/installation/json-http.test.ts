import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { NoAnswerError, readText, sendJson, startRequest } from "./json-http.ts";
import { createOperatorRequests } from "./operator-requests.ts";

const REQUEST = { method: "GET", path: "/", timeoutMs: 100 } as const;

let folder: string;
let socketPath: string;
let server: http.Server;
let answer: (response: http.ServerResponse) => void;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-http-"));
  socketPath = path.join(folder, "program.sock");
  server = http.createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => {
    server.listen(socketPath, resolve);
  });
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a program that takes a request and does not answer", () => {
  const requests = () => createOperatorRequests(socketPath);

  it("is told from one that is not there", async () => {
    answer = () => undefined;
    const asked = [
      sendJson({ socketPath }, REQUEST),
      requests().ask(REQUEST),
      requests().askAs(REQUEST),
      requests().streamAs(REQUEST),
    ];
    for (const outcome of await Promise.allSettled(asked)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { name: "CliError" } });
      const reason: unknown = outcome.status === "rejected" ? outcome.reason : undefined;
      expect(reason).toBeInstanceOf(NoAnswerError);
      expect(String(reason)).toContain("no answer in time");
      expect(String(reason)).not.toContain("Start one");
    }
  });

  it("is told so too where it stops in the middle of its answer", async () => {
    answer = (response) => void response.writeHead(200).write('{"half":');
    const begun = await startRequest({ socketPath }, REQUEST);
    await expect(readText(begun)).rejects.toBeInstanceOf(NoAnswerError);
    await expect(requests().ask(REQUEST)).rejects.toBeInstanceOf(NoAnswerError);
  });

  it("is none that ends the connection", async () => {
    answer = (response) => response.destroy();
    await expect(requests().ask(REQUEST)).rejects.toThrow("Start one with `siphms up`");
    await expect(requests().ask(REQUEST)).rejects.not.toBeInstanceOf(NoAnswerError);
  });

  it("is none that answers now and then", async () => {
    let sent = 0;
    answer = (response) => {
      const timer = setInterval(() => {
        response.write(" ");
        if ((sent += 1) < 5) return;
        clearInterval(timer);
        response.end("{}");
      }, 50);
    };
    expect(await requests().ask(REQUEST)).toEqual({});
  });
});
