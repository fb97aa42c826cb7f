import { fromBase64Url, CoseError, type Bytes } from "@siphms/cose";
import {
  envelopesPath,
  formatPreferWait,
  handshakePath,
  handshakesPath,
  HEADERS,
  mailboxPath,
  CURSOR_PATTERN,
  decodeMailbox,
  MEDIA_TYPES,
  parseProblemType,
  RelayError,
  type ProblemName,
} from "@siphms/relay";
import { DeviceError, type DeviceErrorCode } from "./errors.ts";
import type { Http, HttpRequest, HttpResponse } from "./ports.ts";
import type { SessionEnd } from "./status.ts";

/**
 * Protocol section 6: without an answer for so long a session is given up. Also the longest that one post may take.
 */
export const ANSWER_TIMEOUT_MS = 20_000;
/** Beyond the seconds that the gateway was asked to wait: time for the way there and back. */
const MAILBOX_MARGIN_MS = 10_000;
const MAX_RETRY_AFTER_SECONDS = 86_400;

/** Where and as whom a session talks to the gateway. */
export interface GatewayAccess {
  readonly gatewayUrl: string;
  readonly sid: Bytes;
  readonly pass: string;
  /** See {@link HttpRequest.connection}. */
  readonly connection: string;
}

/** What the gateway made of an envelope or a question to the mailbox. */
export type GatewayOutcome =
  /** 200 with envelopes; none of them is believed before it is opened. */
  | { readonly kind: "envelopes"; readonly envelopes: readonly Bytes[]; readonly cursor?: string }
  /** 202: durably queued. For the mailbox, 204: nothing there. */
  | { readonly kind: "none" }
  /** 204: the hospital marked the envelope "no answer". */
  | { readonly kind: "no-answer" }
  | { readonly kind: "end-session"; readonly reason: SessionEnd }
  | { readonly kind: "undeliverable"; readonly reason: "too-large" | "gateway-refused" }
  | { readonly kind: "wait"; readonly code: DeviceErrorCode; readonly retryAfterMs?: number };

/**
 * Posts message_1.
 *
 * @returns message_2 and where message_3 goes.
 * @throws {DeviceError} Any code of the connection.
 */
export async function postMessage1(
  http: Http,
  target: { readonly gatewayUrl: string; readonly hospitalId: string; readonly kid: Bytes },
  request: { readonly body: Bytes; readonly connection: string; readonly signal?: AbortSignal },
): Promise<{ readonly message2: Bytes; readonly path: string }> {
  const path = handshakesPath(target.hospitalId, target.kid);
  const response = await http(handshakeRequest(target.gatewayUrl + path, request));
  requireHandshakeAnswer(response);
  return { message2: response.body, path: parseLocation(response, target.gatewayUrl) };
}

/**
 * Posts message_3.
 *
 * @returns message_4.
 * @throws {DeviceError} Any code of the connection.
 */
export async function postMessage3(
  http: Http,
  url: string,
  request: { readonly body: Bytes; readonly connection: string; readonly signal?: AbortSignal },
): Promise<Bytes> {
  const response = await http(handshakeRequest(url, request));
  requireHandshakeAnswer(response);
  return response.body;
}

/**
 * Posts an envelope and waits up to `waitSeconds` for its answer.
 *
 * @throws {DeviceError} `NETWORK_UNREACHABLE`, `NETWORK_TIMEOUT`, `ABORTED`.
 */
export async function postEnvelope(
  http: Http,
  access: GatewayAccess,
  request: { readonly body: Bytes; readonly waitSeconds: number; readonly signal?: AbortSignal },
): Promise<GatewayOutcome> {
  const response = await http({
    method: "POST",
    url: access.gatewayUrl + envelopesPath(access.sid),
    headers: {
      ...sessionHeaders(access, request.waitSeconds),
      [HEADERS.contentType]: MEDIA_TYPES.envelope,
    },
    body: request.body,
    timeoutMs: ANSWER_TIMEOUT_MS,
    connection: access.connection,
    ...(request.signal && { signal: request.signal }),
  });
  if (response.status === 200) return { kind: "envelopes", envelopes: [response.body] };
  if (response.status === 202) return { kind: "none" };
  if (response.status === 204) return { kind: "no-answer" };
  return refusalOutcome(response);
}

/**
 * Asks the mailbox; naming the last cursor acknowledges everything up to it.
 *
 * @throws {DeviceError} `NETWORK_UNREACHABLE`, `NETWORK_TIMEOUT`, `ABORTED`.
 */
export async function readMailbox(
  http: Http,
  access: GatewayAccess,
  request: {
    readonly after: string | undefined;
    readonly waitSeconds: number;
    readonly signal?: AbortSignal;
  },
): Promise<GatewayOutcome> {
  const response = await http({
    method: "GET",
    url: access.gatewayUrl + mailboxPath(access.sid, request.after),
    headers: sessionHeaders(access, request.waitSeconds),
    timeoutMs: request.waitSeconds * 1000 + MAILBOX_MARGIN_MS,
    connection: access.connection,
    ...(request.signal && { signal: request.signal }),
  });
  if (response.status === 204) return { kind: "none" };
  if (response.status === 200) return mailboxAnswer(response);
  return refusalOutcome(response);
}

function sessionHeaders(access: GatewayAccess, waitSeconds: number): Record<string, string> {
  const headers: Record<string, string> = { [HEADERS.authorization]: `Bearer ${access.pass}` };
  if (waitSeconds > 0) headers[HEADERS.prefer] = formatPreferWait(waitSeconds);
  return headers;
}

function handshakeRequest(
  url: string,
  request: { readonly body: Bytes; readonly connection: string; readonly signal?: AbortSignal },
): HttpRequest {
  return {
    method: "POST",
    url,
    headers: { [HEADERS.contentType]: MEDIA_TYPES.handshakeRequest },
    body: request.body,
    timeoutMs: ANSWER_TIMEOUT_MS,
    connection: request.connection,
    ...(request.signal && { signal: request.signal }),
  };
}

function mailboxAnswer(response: HttpResponse): GatewayOutcome {
  const cursor = response.headers[HEADERS.cursor];
  if (cursor === undefined || !CURSOR_PATTERN.test(cursor)) {
    return { kind: "wait", code: "GATEWAY_FAILED" };
  }
  try {
    return { kind: "envelopes", envelopes: decodeMailbox(response.body), cursor };
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    return { kind: "wait", code: "GATEWAY_FAILED" };
  }
}

/** Protocol section 7's table for whatever is no success. The status decides; the body is the gateway's talk. */
function refusalOutcome(response: HttpResponse): GatewayOutcome {
  switch (response.status) {
    case 400:
    case 415:
      return { kind: "undeliverable", reason: "gateway-refused" };
    case 401:
      return { kind: "end-session", reason: "pass-invalid" };
    case 404:
      return { kind: "end-session", reason: "session-unknown" };
    case 409:
      return { kind: "end-session", reason: "session-expired" };
    case 413:
      return { kind: "undeliverable", reason: "too-large" };
    case 429:
      return waitOutcome("SLOW_DOWN", response);
    case 503:
      return waitOutcome("HOSPITAL_AWAY", response);
    case 507:
      return waitOutcome("QUEUE_FULL", response);
    default:
      return waitOutcome("GATEWAY_FAILED", response);
  }
}

function waitOutcome(code: DeviceErrorCode, response: HttpResponse): GatewayOutcome {
  const retryAfterMs = parseRetryAfter(response);
  return { kind: "wait", code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function requireHandshakeAnswer(response: HttpResponse): void {
  if (response.status === 200 && mediaType(response) === MEDIA_TYPES.handshakeAnswer) return;
  throw handshakeError(response);
}

function handshakeError(response: HttpResponse): DeviceError {
  const retryAfterMs = parseRetryAfter(response);
  const details = retryAfterMs === undefined ? {} : { retryAfterMs };
  const problem = problemOf(response);
  switch (response.status) {
    case 400:
      // An EDHOC error message. It is not authenticated and says the same whatever the reason was.
      return mediaType(response) === MEDIA_TYPES.handshakeAnswer
        ? new DeviceError("HANDSHAKE_REFUSED", "The hospital refused this device.")
        : gatewayRefused();
    case 404:
      return unknownError(problem);
    case 409:
      return new DeviceError("HANDSHAKE_REFUSED", "This handshake was used already.");
    case 413:
    case 415:
      return gatewayRefused();
    case 429:
      return new DeviceError("SLOW_DOWN", "The gateway asks to wait.", details);
    case 503:
      return new DeviceError("HOSPITAL_AWAY", "The hospital cannot be reached now.", details);
    default:
      return new DeviceError("GATEWAY_FAILED", "The gateway does not work properly now.", details);
  }
}

function gatewayRefused(): DeviceError {
  return new DeviceError(
    "GATEWAY_REFUSED",
    "The gateway calls the request malformed: update this software, or ask the hospital which gateway to use.",
  );
}

function unknownError(problem: ProblemName | undefined): DeviceError {
  if (problem === "hospital-key-unknown") {
    return new DeviceError(
      "HOSPITAL_KEY_UNKNOWN",
      "The hospital does not answer for the key of the invitation. Ask it for a new invitation.",
    );
  }
  if (problem === "session-unknown") {
    // Its memory of handshakes ends with its process. Nobody refused this device, so it may soon begin again.
    return new DeviceError("GATEWAY_FAILED", "The gateway does not know this handshake any more.");
  }
  return new DeviceError(
    "HOSPITAL_UNKNOWN",
    "This gateway does not know the hospital. Check the invitation.",
  );
}

/** Only the path of a handshake is taken, on the same origin: a gateway cannot send the device elsewhere. */
function parseLocation(response: HttpResponse, gatewayUrl: string): string {
  const location = response.headers[HEADERS.location] ?? "";
  const path = location.startsWith(`${gatewayUrl}/`) ? location.slice(gatewayUrl.length) : location;
  const id = /^\/v1\/handshakes\/([A-Za-z0-9_-]{22})$/.exec(path)?.[1];
  try {
    if (id !== undefined) return handshakePath(fromBase64Url(id));
  } catch (error) {
    if (!(error instanceof CoseError)) throw error;
  }
  throw new DeviceError("GATEWAY_FAILED", "The gateway did not say where the handshake goes on.");
}

function mediaType(response: HttpResponse): string {
  return (response.headers[HEADERS.contentType] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function problemOf(response: HttpResponse): ProblemName | undefined {
  if (mediaType(response) !== MEDIA_TYPES.problem) return undefined;
  try {
    const problem: unknown = JSON.parse(new TextDecoder().decode(response.body));
    if (typeof problem !== "object" || problem === null || !("type" in problem)) return undefined;
    return parseProblemType(problem.type);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Whole seconds; the other form, a date, depends on clocks that nobody has compared, so the engine's own waits count
 * then.
 */
function parseRetryAfter(response: HttpResponse): number | undefined {
  const text = response.headers[HEADERS.retryAfter];
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined;
  return Math.min(Number(text), MAX_RETRY_AFTER_SECONDS) * 1000;
}
