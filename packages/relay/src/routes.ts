import { encodeBase64Url } from "./bytes.ts";
import { HANDSHAKE_ID_BYTES, KID_BYTES, SID_BYTES } from "./limits.ts";

/** Where the hospital opens its WebSocket. */
export const UPLINK_PATH = "/v1/uplink";

/**
 * Where a hospital's audit log is witnessed (C2SP tlog-witness): the submission prefix, which `/add-checkpoint` follows.
 */
export const WITNESS_PATH = "/witness";

/** Where anybody may ask whether the gateway works; the answer has no body. */
export const HEALTH_PATH = "/v1/health";

/** The templates of the device side, in the form that a router takes. */
export const ROUTES: {
  readonly handshakes: "/v1/hospitals/:hospital/handshakes";
  readonly handshake: "/v1/handshakes/:id";
  readonly envelopes: "/v1/sessions/:sid/envelopes";
  readonly mailbox: "/v1/sessions/:sid/mailbox";
} = {
  handshakes: "/v1/hospitals/:hospital/handshakes",
  handshake: "/v1/handshakes/:id",
  envelopes: "/v1/sessions/:sid/envelopes",
  mailbox: "/v1/sessions/:sid/mailbox",
};

/** What a cursor looks like; its content is the gateway's own business (protocol section 7). */
export const CURSOR_PATTERN: RegExp = /^[A-Za-z0-9_-]{1,64}$/;

/** What a hospital-id looks like (protocol section 3). */
export const HOSPITAL_ID_PATTERN: RegExp = /^[a-z0-9-]{1,63}$/;

/**
 * The address for message_1, which names the hospital key that the device pins.
 *
 * @param kid - The pinned key's 8 bytes.
 */
export function handshakesPath(hospitalId: string, kid: Uint8Array): string {
  if (!HOSPITAL_ID_PATTERN.test(hospitalId))
    throw new RangeError("hospitalId is not a hospital-id");
  return `/v1/hospitals/${hospitalId}/handshakes?key=${idText(kid, KID_BYTES, "kid")}`;
}

/** The address for message_3, as the gateway names it in `Location`. */
export function handshakePath(id: Uint8Array): string {
  return `/v1/handshakes/${idText(id, HANDSHAKE_ID_BYTES, "id")}`;
}

/** The address to which a session's envelopes are posted. */
export function envelopesPath(sid: Uint8Array): string {
  return `/v1/sessions/${idText(sid, SID_BYTES, "sid")}/envelopes`;
}

/**
 * The address from which a session's answers and notices are fetched.
 *
 * @param after - The last `Siphms-Cursor` that was received; naming it acknowledges all up to it.
 */
export function mailboxPath(sid: Uint8Array, after?: string): string {
  const path = `/v1/sessions/${idText(sid, SID_BYTES, "sid")}/mailbox`;
  if (after === undefined) return path;
  if (!CURSOR_PATTERN.test(after)) throw new RangeError("after is not a cursor");
  return `${path}?after=${after}`;
}

/**
 * Whether a text is an origin that browsers and devices may be given: https without path, or http on loopback.
 *
 * Plain http anywhere else would hand passes and mailboxes to whoever is on the line.
 */
export function isHttpOrigin(text: string): boolean {
  const url = parseUrl(text);
  if (url?.origin !== text) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopbackName(url.hostname));
}

/** Whether a text is a gateway-url: an origin as {@link isHttpOrigin} of at most 128 characters (protocol section 3). */
export function isGatewayUrl(text: string): boolean {
  return text.length <= 128 && isHttpOrigin(text);
}

/** Whether a host name or address can only mean this machine. */
export function isLoopbackName(host: string): boolean {
  return (
    host === "localhost" || host === "[::1]" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)
  );
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function idText(id: Uint8Array, length: number, name: string): string {
  if (id.length !== length) throw new RangeError(`${name} must have ${String(length)} bytes`);
  return encodeBase64Url(id);
}
