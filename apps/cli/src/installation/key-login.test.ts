import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { OPERATOR_PATHS, problemType } from "@siphms/api";
import type { ProblemName } from "@siphms/api";

import { createIntegrationKey } from "./integration-key.ts";
import { createKeyLogin } from "./key-login.ts";
import { createOperatorClient } from "./operator-client.ts";
import type { OperatorClient } from "./operator-client.ts";

let folder: string;
let server: http.Server;
let operator: OperatorClient;
/** Log-ins, and requests about patients with the token that each carried. */
let logIns: number;
let asked: string[];
/** What a token is told; undefined where it is good. */
let verdict: (token: string) => ProblemName | undefined;

const problem = (name: ProblemName, status: number) =>
  JSON.stringify({ type: problemType(name), title: "no", status, detail: "No." });

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  if (request.url === OPERATOR_PATHS.logInKeyRequest) {
    response.end(JSON.stringify({ challenge: "c" }));
    return;
  }
  if (request.url === OPERATOR_PATHS.logInKey) {
    logIns += 1;
    const refused = verdict("log-in");
    response.statusCode = refused === undefined ? 200 : 401;
    const session = {
      token: `t${logIns}`,
      name: "Import",
      role: "integration",
      expires: 1,
      idleEnds: 1,
    };
    response.end(refused === undefined ? JSON.stringify(session) : problem(refused, 401));
    return;
  }
  const token = request.headers.authorization ?? "";
  asked.push(token);
  const refused = verdict(token);
  response.statusCode = refused === undefined ? 200 : 403;
  response.end(refused === undefined ? '{"patients":[]}' : problem(refused, 403));
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-kl-"));
  [logIns, asked, verdict] = [0, [], () => undefined];
  server = http.createServer(answer);
  const socket = path.join(folder, "hospital.sock");
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  const key = createIntegrationKey({ hospital: "city", name: "Import" });
  operator = createOperatorClient(
    socket,
    createKeyLogin(socket, () => key),
  );
});
afterEach(async () => {
  operator.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a program that holds a key", () => {
  it("logs in at its first request about a patient, and once", async () => {
    expect(logIns).toBe(0);
    await Promise.all([operator.patients(), operator.patients()]);
    await operator.patients();
    expect(logIns).toBe(1);
    expect(new Set(asked)).toEqual(new Set(["Bearer t1"]));
  });

  it.each<ProblemName>(["not-signed-in", "step-up-required"])(
    "logs in anew where its session is %s, and many requests at once make one log-in",
    async (name) => {
      await operator.patients();
      verdict = (token) => (token === "Bearer t1" ? name : undefined);
      await Promise.all([operator.patients(), operator.patients(), operator.patients()]);
      expect(logIns).toBe(2);
    },
  );

  it("tries once more and not for ever where the new session is refused as well", async () => {
    verdict = (token) => (token.startsWith("Bearer") ? "not-signed-in" : undefined);
    await expect(operator.patients()).rejects.toThrow("No.");
    expect([logIns, asked]).toEqual([2, ["Bearer t1", "Bearer t2"]]);
  });

  it("does not log in anew for what its role may not do", async () => {
    verdict = (token) => (token.startsWith("Bearer") ? "not-allowed" : undefined);
    await expect(operator.patients()).rejects.toThrow("No.");
    expect(logIns).toBe(1);
  });

  it("says why where its key is refused, and tries it again with the next request", async () => {
    verdict = () => "log-in-refused";
    await expect(operator.patients()).rejects.toThrow("No.");
    expect(asked).toEqual([]);
    verdict = () => undefined;
    expect(await operator.patients()).toEqual([]);
  });
});
