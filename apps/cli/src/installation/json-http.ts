import http from "node:http";

/** One request of the command line to a program of this installation. */
export interface JsonRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

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

/** Sends a request and waits for the whole answer. @throws {Error} of node:http when the program cannot be reached. */
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
  return new Promise((resolve, reject) => {
    const outgoing = http.request({
      ...address,
      method: request.method,
      path: request.path,
      headers,
      timeout: TIMEOUT_MS,
      ...(agent === undefined ? {} : { agent }),
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("error", reject);
    outgoing.on("response", resolve);
    outgoing.end(body);
  });
}
