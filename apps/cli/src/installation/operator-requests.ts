import http from "node:http";

import { parseApi, problemSchema, problemType, PURPOSE_HEADER } from "@siphms/api";
import type { StatedPurpose } from "@siphms/api";
import { asBytes } from "@siphms/cose";
import type { Bytes } from "@siphms/cose";
import { resolveSocket } from "@siphms/server-kit";

import { CliError } from "../cli-error.ts";
import { NoAnswerError, readAll, readText, sendJson, startRequest } from "./json-http.ts";
import type { JsonRequest } from "./json-http.ts";

/** The hospital refused what was asked; the message is the hospital's own. */
export class OperatorError extends CliError {
  readonly status: number;
  readonly type: string;

  constructor(message: string, problem: { readonly status: number; readonly type: string }) {
    super(message);
    this.status = problem.status;
    this.type = problem.type;
  }
}

/** How requests about patients say who asks. */
export interface OperatorLogin {
  /** The token of a session; `undefined` where nobody has logged in: the hospital says what to do. */
  token(): Promise<string | undefined>;
  /** Another token in place of one that was refused; `undefined` where only a person could get one. */
  renew(refused: string | undefined): Promise<string | undefined>;
  /** Why records are looked into, where that is not what the role does anyway. */
  readonly purpose?: StatedPurpose | undefined;
}

/** Requests on the private socket of a running hospital. Each throws a {@link CliError} that says what to do. */
export interface OperatorRequests {
  /** Asks as the operator: for what is about no patient. */
  ask(request: JsonRequest): Promise<unknown>;
  /** Asks as whoever has logged in. */
  askAs(request: JsonRequest): Promise<unknown>;
  /** As {@link askAs}, and hands the answer back as it begins to come. */
  streamAs(request: JsonRequest): Promise<http.IncomingMessage>;
  /** Reads bytes as the operator; `undefined` where there is nothing at this path. */
  read(path: string, headers?: JsonRequest["headers"]): Promise<Bytes | undefined>;
  close(): void;
}

/** Refusals after which a new log-in makes the same request good. */
const STALE: ReadonlySet<string> = new Set([
  problemType("not-signed-in"),
  problemType("step-up-required"),
]);

/** Makes the requests of one client; nothing is sent yet. */
export function createOperatorRequests(socket: string, login?: OperatorLogin): OperatorRequests {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const address = () => ({ socketPath: resolveSocket(socket) });
  const reached = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((cause: unknown) => {
      throw cause instanceof NoAnswerError ? cause : notRunning(socket, cause);
    });
  const send = async (request: JsonRequest): Promise<unknown> => {
    const answer = await reached(sendJson(address(), request, agent));
    if (answer.status >= 400) throw refused(answer.status, answer.body);
    return parseBody(answer.body);
  };
  // Without a pool: a long answer must not keep the others waiting.
  const stream = async (request: JsonRequest): Promise<http.IncomingMessage> => {
    const answer = await reached(startRequest(address(), request));
    const status = answer.statusCode ?? 0;
    if (status >= 400) throw refused(status, await readText(answer));
    return answer;
  };
  const read = async (
    path: string,
    headers: JsonRequest["headers"] = {},
  ): Promise<Bytes | undefined> => {
    const answer = await reached(startRequest(address(), { method: "GET", path, headers }, agent));
    const status = answer.statusCode ?? 0;
    const body = await readAll(answer);
    if (status === 404) return undefined;
    if (status >= 400) throw refused(status, body.toString("utf8"));
    return asBytes(new Uint8Array(body));
  };
  return {
    ask: send,
    read,
    askAs: (request) => loggedIn(request, { login, send }),
    streamAs: (request) => loggedIn(request, { login, send: stream }),
    close: () => agent.destroy(),
  };
}

/** Sends a request with a token, and once more with another one where the first is not good any more. */
async function loggedIn<T>(
  request: JsonRequest,
  {
    login,
    send,
  }: {
    readonly login: OperatorLogin | undefined;
    readonly send: (request: JsonRequest) => Promise<T>;
  },
): Promise<T> {
  if (login === undefined) return send(request);
  const token = await login.token();
  try {
    return await send(withLogin(request, token, login));
  } catch (error) {
    if (!(error instanceof OperatorError) || !STALE.has(error.type)) throw error;
    const another = await login.renew(token);
    if (another === undefined) throw error;
    return send(withLogin(request, another, login));
  }
}

function withLogin(
  request: JsonRequest,
  token: string | undefined,
  { purpose }: OperatorLogin,
): JsonRequest {
  const headers = {
    ...request.headers,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(purpose === undefined ? {} : { [PURPOSE_HEADER]: purpose }),
  };
  return { ...request, headers };
}

function parseBody(body: string): unknown {
  if (body === "") return undefined;
  const value: unknown = JSON.parse(body);
  return value;
}

function notRunning(socket: string, cause: unknown): CliError {
  return new CliError(
    `No hospital answers on ${socket}. Start one with \`siphms up\`, or name its data folder with --data.`,
    { cause },
  );
}

function refused(status: number, body: string): CliError {
  const problem = parseProblem(body);
  const text = problem?.detail ?? `The hospital answered with status ${status}; see its log.`;
  const remedy = problem?.type === problemType("step-up-required") ? " Run siphms login." : "";
  return new OperatorError(`${text}${remedy}`, { status, type: problem?.type ?? "" });
}

function parseProblem(body: string): { type: string; detail: string } | undefined {
  try {
    return parseApi(problemSchema, JSON.parse(body));
  } catch {
    // Not a problem document: the status has to do.
    return undefined;
  }
}
