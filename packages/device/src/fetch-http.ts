import { concatBytes, type Bytes } from "@siphms/cose";
import { DeviceError } from "./errors.ts";
import { linkSignals } from "./linked-signal.ts";
import type { Http, HttpRequest, HttpResponse } from "./ports.ts";

/** A mailbox answer has at most 1 MiB (protocol section 7); more is not read. */
const MAX_ANSWER_BYTES = 1_114_112;

/**
 * Makes the {@link Http} port from a platform's `fetch`, in a browser or on Node.
 *
 * A browser pools connections as it likes, so the label in {@link HttpRequest.connection} has no effect here; an
 * adapter with its own connections can do better.
 *
 * @param fetchFunction - `globalThis.fetch`, or one with its own connection pool.
 */
export function createFetchHttp(fetchFunction: typeof globalThis.fetch): Http {
  return async (request) => {
    const timeout = AbortSignal.timeout(request.timeoutMs);
    const link = linkSignals(request.signal, timeout);
    try {
      const response = await fetchFunction(request.url, {
        method: request.method,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        signal: link.signal,
        redirect: "error",
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
      });
      return await readResponse(response);
    } catch (cause) {
      throw networkError(request, timeout, cause);
    } finally {
      link.unlink();
    }
  };
}

async function readResponse(response: Response): Promise<HttpResponse> {
  const headers: Record<string, string> = {};
  response.headers.forEach((value, name) => {
    headers[name.toLowerCase()] = value;
  });
  return { status: response.status, headers, body: await readBody(response) };
}

async function readBody(response: Response): Promise<Bytes> {
  if (response.body === null) return new Uint8Array(0);
  const reader = response.body.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatBytes(...parts);
    size += value.length;
    if (size > MAX_ANSWER_BYTES) {
      await reader.cancel();
      throw new DeviceError("GATEWAY_FAILED", "The gateway's answer is larger than any may be.");
    }
    parts.push(value);
  }
}

function networkError(request: HttpRequest, timeout: AbortSignal, cause: unknown): DeviceError {
  if (cause instanceof DeviceError) return cause;
  if (request.signal?.aborted === true) return new DeviceError("ABORTED", "The request was ended.");
  if (timeout.aborted) {
    return new DeviceError("NETWORK_TIMEOUT", "The gateway did not answer in time.", { cause });
  }
  return new DeviceError("NETWORK_UNREACHABLE", "The gateway cannot be reached.", { cause });
}
