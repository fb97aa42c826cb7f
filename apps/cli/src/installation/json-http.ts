import http from "node:http";

import { CliError } from "../cli-error.ts";

/** One request of the command line to a program of this installation. */
export interface JsonRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** How long nothing may come before it is given up. */
  readonly timeoutMs?: number;
}

/** A program took a request, and nothing came for so long: it is there, and perhaps still at it. */
export class NoAnswerError extends CliError {
  constructor(timeoutMs: number) {
    super(
      `The request was taken, and there was no answer in time: nothing came for ${timeoutMs / MS_PER_S} seconds. The program runs, and may still be at it; look in its own log and at the load of its machine before you ask again.`,
    );
  }
}

const MS_PER_S = 1000;

/** Where a server listens: a Unix socket, or a port of this machine. */
export type Address =
  { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** A whole answer; the body is text. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** How long a program of this machine may take for one answer: a sweep over all records is the longest. */
const TIMEOUT_MS = 120_000;

/**
 * Sends a request and waits for the whole answer.
 *
 * @throws {NoAnswerError} when none comes in time.
 * @throws {Error} of node:http when the program cannot be reached.
 */
export async function sendJson(
  address: Address,
  request: JsonRequest,
  agent?: http.Agent,
): Promise<JsonAnswer> {
  const answer = await startRequest(address, request, agent);
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    body: await readText(answer),
  };
}

/** Reads an answer to its end, as text. */
export async function readText(answer: http.IncomingMessage): Promise<string> {
  return (await readAll(answer)).toString("utf8");
}

/** Reads an answer to its end. */
export async function readAll(answer: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

/** Sends a request and hands back the answer as it begins to come. */
export function startRequest(
  address: Address,
  request: JsonRequest,
  agent?: http.Agent,
): Promise<http.IncomingMessage> {
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const headers: Record<string, string> = { accept: "application/json", ...request.headers };
  if (body !== undefined) headers["content-type"] = "application/json";
  const { timeoutMs = TIMEOUT_MS } = request;
  return new Promise((resolve, reject) => {
    let incoming: http.IncomingMessage | undefined;
    const outgoing = http.request({
      ...address,
      method: request.method,
      path: request.path,
      headers,
      timeout: timeoutMs,
      ...(agent === undefined ? {} : { agent }),
    });
    // In the middle of an answer its reader is told.
    outgoing.on("timeout", () => (incoming ?? outgoing).destroy(new NoAnswerError(timeoutMs)));
    outgoing.on("error", reject);
    outgoing.on("response", (answer) => resolve((incoming = answer)));
    outgoing.end(body);
  });
}
