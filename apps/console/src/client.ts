import { BACKGROUND_HEADER, PROBLEMS, problemType, type ProblemName } from "@siphms/api";
import { noteEmergency } from "./emergency/emergency.ts";

/** An error answer of the hospital, or no answer at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  /** Which problem it is; `undefined` where nobody, or something between, answered. */
  readonly problem: ProblemName | undefined;
  readonly title: string;
  readonly detail: string;
  /** For `too-many-tries`: how long to wait, where the hospital said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    said: {
      readonly problem?: ProblemName | undefined;
      readonly title?: string;
      readonly detail?: string;
      readonly retryAfterMs?: number | undefined;
    } = {},
  ) {
    super(said.title ?? "no answer");
    this.name = "ApiError";
    this.status = status;
    this.problem = said.problem;
    this.title = said.title ?? "";
    this.detail = said.detail ?? "";
    this.retryAfterMs = said.retryAfterMs;
  }
}

/** How to ask. */
export interface CallOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Whether the page asks by itself, which keeps no session open. By default every GET does, and nothing else. */
  readonly background?: boolean;
}

/** What may make a refused call worth repeating. Each says whether it has. */
export interface Remedies {
  /** Asks the person to prove once more who they are. */
  readonly stepUp: () => Promise<boolean>;
  /** Finds out whether the session holds after all; where it does not, everything leaves the screen. */
  readonly askWhetherSignedIn: () => Promise<boolean>;
  /** Who is signed in, as far as this window knows. */
  readonly whoIsSignedIn: () => string | undefined;
}

let remedies: Remedies | undefined;
let aheadMs = 0;

/** Sets what {@link callApi} does about refusals. Done once, by the session. */
export function setRemedies(given: Remedies): void {
  remedies = given;
}

/** The hospital's clock as its last answer told it, within a second: clocks of workstations are not to be trusted. */
export function hospitalNow(): number {
  return Date.now() + aheadMs;
}

/**
 * Asks the hospital's API of this origin.
 *
 * An act that wants a fresh proof of who the person is opens the step-up dialog and is then repeated; the caller gets the
 * answer, or `step-up-required` where the person gave up. When the session has ended everything leaves the screen.
 *
 * @param path - Path with query; it never holds anything about a patient but an opaque id.
 * Looking keeps no session open, as a page also looks by itself; that somebody is at work their keys and clicks tell, by
 * the session's guard, and what they post.
 *
 * @param options - `body` is sent as JSON.
 * @throws {ApiError} for any answer but 2xx, and with status 0 when there was none.
 */
export async function callApi<T>(path: string, options: CallOptions = {}): Promise<T> {
  const who = remedies?.whoIsSignedIn();
  try {
    return await callOnce<T>(path, options);
  } catch (error) {
    if (!(error instanceof ApiError) || !(await isRemedied(error.problem))) throw error;
    // Meanwhile somebody else may have signed in at this browser: nothing is done in their name.
    if (remedies?.whoIsSignedIn() !== who) throw error;
    options.signal?.throwIfAborted();
    return await callOnce<T>(path, options);
  }
}

async function isRemedied(problem: ProblemName | undefined): Promise<boolean> {
  if (problem === "step-up-required") return (await remedies?.stepUp()) ?? false;
  // The browser may have got another session while this call was on its way with the old one's cookie.
  if (problem === "not-signed-in") return (await remedies?.askWhetherSignedIn()) ?? false;
  return false;
}

/** As {@link callApi}, and a refusal is only told. */
export async function callOnce<T>(path: string, options: CallOptions = {}): Promise<T> {
  const { method = "GET", body, signal, background = method === "GET" } = options;
  const headers: Record<string, string> = background ? { [BACKGROUND_HEADER]: "1" } : {};
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(path, {
    method,
    cache: "no-store",
    credentials: "same-origin",
    headers,
    ...(signal ? { signal } : {}),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0);
  });
  noteClock(response);
  noteEmergency(response);
  if (!response.ok) throw await errorOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

function noteClock(response: Response): void {
  const at = Date.parse(response.headers.get("date") ?? "");
  // The header names whole seconds: in the middle of it is the best guess.
  if (!Number.isNaN(at)) aheadMs = at + 500 - Date.now();
}

async function errorOf(response: Response): Promise<ApiError> {
  const { type, title, detail } = await problemIn(response);
  const seconds = Number(response.headers.get("retry-after") ?? "");
  const names = Object.keys(PROBLEMS) as ProblemName[];
  return new ApiError(response.status, {
    problem: names.find((name) => problemType(name) === type),
    title: textOf(title),
    detail: textOf(detail),
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
  });
}

async function problemIn(
  response: Response,
): Promise<{ readonly type?: unknown; readonly title?: unknown; readonly detail?: unknown }> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    // A proxy's error page: the status alone has to say it.
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
