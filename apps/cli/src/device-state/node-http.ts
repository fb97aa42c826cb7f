import http from "node:http";
import https from "node:https";

import { DeviceError } from "@siphms/device";
import type { Http, HttpRequest, HttpResponse } from "@siphms/device";

/** More than the largest answer of a gateway, a mailbox answer of 1 MiB. */
const MAX_ANSWER_BYTES = 1_114_112;
/** A session's requests and the next handshake: older connections are no longer asked for. */
const MAX_AGENTS = 3;
/** Below the 5 s after which Node's servers close an idle connection: else a request would meet a closing one. */
const IDLE_MS = 4_000;

/**
 * Makes the HTTP port of one device, with connections of its own for each session and no TLS resumption:
 * a gateway must not see from a connection which sessions belong together.
 */
export function createNodeHttp(): Http {
  const agents = new Map<string, http.Agent>();
  return (request) => {
    const agent = agents.get(request.connection) ?? createAgent(new URL(request.url).protocol);
    // Asked for last goes to the end; what was asked for longest ago falls out and ends with its idle time.
    agents.delete(request.connection);
    agents.set(request.connection, agent);
    const [oldest] = agents.keys();
    if (agents.size > MAX_AGENTS && oldest !== undefined) agents.delete(oldest);
    return send(request, agent);
  };
}

function createAgent(protocol: string): http.Agent {
  const options = { keepAlive: true, timeout: IDLE_MS, maxSockets: 16 };
  return protocol === "https:"
    ? new https.Agent({ ...options, maxCachedSessions: 0 })
    : new http.Agent(options);
}

function send(request: HttpRequest, agent: http.Agent): Promise<HttpResponse> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signals = request.signal === undefined ? [timeout] : [request.signal, timeout];
  const signal = AbortSignal.any(signals);
  return new Promise<HttpResponse>((resolve, reject) => {
    const fail = (cause: unknown): void => reject(networkError(request, timeout, cause));
    const client = new URL(request.url).protocol === "https:" ? https : http;
    const outgoing = client.request(
      request.url,
      { method: request.method, headers: headersOf(request), agent, signal },
      (answer) => {
        readAnswer(answer).then(resolve, fail);
      },
    );
    outgoing.on("error", fail);
    outgoing.end(request.body);
  });
}

function headersOf(request: HttpRequest): Record<string, string> {
  const length =
    request.body === undefined ? {} : { "content-length": String(request.body.length) };
  return { ...request.headers, ...length };
}

async function readAnswer(answer: http.IncomingMessage): Promise<HttpResponse> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_ANSWER_BYTES) {
      answer.destroy();
      throw new RangeError("the answer is longer than any answer of a gateway");
    }
    parts.push(part);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return {
    status: answer.statusCode ?? 0,
    headers,
    body: Uint8Array.from(Buffer.concat(parts)),
  };
}

function networkError(request: HttpRequest, timeout: AbortSignal, cause: unknown): DeviceError {
  if (request.signal?.aborted === true) return new DeviceError("ABORTED", "The request was ended.");
  if (timeout.aborted) {
    return new DeviceError("NETWORK_TIMEOUT", "The gateway did not answer in time.", { cause });
  }
  return new DeviceError("NETWORK_UNREACHABLE", "The gateway cannot be reached.", { cause });
}
