import { BACKGROUND_HEADER } from "@siphms/api";

/** An error answer of the hospital, or no answer at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;

  constructor(status: number, title: string, detail: string) {
    super(title);
    this.name = "ApiError";
    this.status = status;
    this.title = title;
    this.detail = detail;
  }
}

/** How to ask. */
export interface CallOptions {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly background?: boolean;
}

interface Problem {
  readonly title?: unknown;
  readonly detail?: unknown;
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    // A proxy's error page: the status alone has to say it.
    return {};
  }
}

/**
 * Asks the hospital's API of this origin.
 *
 * @param path - Path with query; it never holds anything about a patient but an opaque id.
 * @param options - `body` is sent as JSON; `background` marks what the page does by itself, which must not keep an
 *   unattended session open.
 * @throws {ApiError} for any answer but 2xx, and with status 0 when there was none.
 */
export async function callApi<T>(path: string, options: CallOptions = {}): Promise<T> {
  const { method = "GET", body, signal, background = false } = options;
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
    throw new ApiError(0, "network", "");
  });
  if (!response.ok) {
    const problem = await problemOf(response);
    const text = (value: unknown): string => (typeof value === "string" ? value : "");
    throw new ApiError(response.status, text(problem.title), text(problem.detail));
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}
