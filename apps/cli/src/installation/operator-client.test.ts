import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createOperatorClient } from "./operator-client.ts";
import type { OperatorClient } from "./operator-client.ts";

let folder: string;
let server: http.Server;
let operator: OperatorClient;
let asked: string[];
let answer: (response: http.ServerResponse) => void;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-op-"));
  asked = [];
  server = http.createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    answer(response);
  });
  const socket = path.join(folder, "hospital.sock");
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  operator = createOperatorClient(socket);
});

afterEach(async () => {
  operator.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const SAMPLE = {
  ...{ kind: "heart-rate", at: 1, value: 70, unit: "/min", origin: "sensor", state: "stored" },
};

async function readAll(): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  const filter = { mrn: "4711", from: 5, kinds: ["heart-rate", "spo2"] };
  for await (const sample of operator.readings(filter)) found.push(sample);
  return found;
}

describe("the operator's client", () => {
  it("hands back what the hospital answered", async () => {
    answer = (response) => response.end('{"link":"http://localhost/enrol#x","expires":7}');
    expect(await operator.invite("4711")).toEqual({ link: "http://localhost/enrol#x", expires: 7 });
    expect(asked).toEqual(["POST /operator/invitations"]);
  });

  it("reads samples line by line, and asks for what was wanted", async () => {
    answer = (response) => response.end(`${JSON.stringify(SAMPLE)}\n${JSON.stringify(SAMPLE)}\n`);
    expect(await readAll()).toEqual([SAMPLE, SAMPLE]);
    expect(asked).toEqual(["GET /operator/readings?mrn=4711&from=5&kind=heart-rate&kind=spo2"]);
  });

  it("throws the hospital's own words when it refuses", async () => {
    const problem = {
      type: "urn:siphms:problem:not-found",
      title: "not-found",
      status: 404,
      detail: "No patient has this record number.",
    };
    answer = (response) => response.writeHead(404).end(JSON.stringify(problem));
    const expected = { name: "CliError", message: problem.detail, status: 404, exitCode: 1 };
    await expect(operator.invite("4711")).rejects.toMatchObject(expected);
    await expect(readAll()).rejects.toMatchObject(expected);
  });

  it.each(["", "no JSON", '{"detail":7}'])(
    "names the status where the refusal is no problem document: '%s'",
    async (body) => {
      answer = (response) => response.writeHead(500).end(body);
      await expect(operator.check()).rejects.toThrow("status 500");
    },
  );

  it.each(['{"link":7,"expires":7}', "{}", '{"link":"x","expires":7,"more":1}'])(
    "refuses an answer that is not what its schema says: %s",
    async (body) => {
      answer = (response) => response.end(body);
      await expect(operator.invite("4711")).rejects.toMatchObject({ code: "API_MALFORMED" });
    },
  );

  it("refuses a line that is not what its schema says", async () => {
    answer = (response) => response.end(`${JSON.stringify({ ...SAMPLE, kind: "mood" })}\n`);
    await expect(readAll()).rejects.toMatchObject({ code: "API_MALFORMED" });
  });

  it("does not take a list that was cut off for a whole one", async () => {
    answer = (response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write(`${JSON.stringify(SAMPLE)}\n`, () => response.destroy());
    };
    await expect(readAll()).rejects.toThrow();
  });

  it("says what to do when no hospital listens", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(operator.patients()).rejects.toThrow("Start one with `siphms up`");
    await expect(readAll()).rejects.toThrow("Start one with `siphms up`");
  });
});
