import { MAX_WAIT_SECONDS } from "./limits.ts";

/** Media types of the device side (protocol section 7). */
export const MEDIA_TYPES: {
  readonly handshakeRequest: "application/cid-edhoc+cbor-seq";
  readonly handshakeAnswer: "application/edhoc+cbor-seq";
  readonly envelope: 'application/cose; cose-type="cose-encrypt0"';
  readonly mailbox: "application/cbor-seq";
  readonly problem: "application/problem+json";
} = {
  handshakeRequest: "application/cid-edhoc+cbor-seq",
  handshakeAnswer: "application/edhoc+cbor-seq",
  envelope: 'application/cose; cose-type="cose-encrypt0"',
  mailbox: "application/cbor-seq",
  problem: "application/problem+json",
};

/** Names of the headers that carry meaning on the device side, in the lower case in which they are compared. */
export const HEADERS: {
  readonly authorization: "authorization";
  readonly contentType: "content-type";
  readonly prefer: "prefer";
  readonly location: "location";
  readonly retryAfter: "retry-after";
  readonly cursor: "siphms-cursor";
} = {
  authorization: "authorization",
  contentType: "content-type",
  prefer: "prefer",
  location: "location",
  retryAfter: "retry-after",
  cursor: "siphms-cursor",
};

/**
 * How many seconds a client asks to be kept waiting for its answer.
 *
 * A preference that cannot be read is ignored, as RFC 7240 wants; more than 30 s count as 30.
 *
 * @param header - The value of `Prefer`, all its lines joined by commas.
 * @returns Whole seconds, 0 to {@link MAX_WAIT_SECONDS}; 0 without a readable preference.
 * @see RFC 7240 §4.3
 */
export function parsePreferWait(header: string | undefined): number {
  if (header === undefined) return 0;
  for (const preference of header.split(",")) {
    // RFC 7240 §2: the first of several equal preferences counts.
    const wait = /^\s*wait\s*=\s*("?)(\d{1,9})\1\s*(;|$)/i.exec(preference);
    if (wait) return Math.min(Number(wait[2]), MAX_WAIT_SECONDS);
  }
  return 0;
}

/** The `Prefer` header that asks to be kept waiting for so many whole seconds. */
export function formatPreferWait(seconds: number): string {
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_WAIT_SECONDS) {
    throw new RangeError(`seconds must be a whole number from 0 to ${String(MAX_WAIT_SECONDS)}`);
  }
  return `wait=${String(seconds)}`;
}

/**
 * Whether a `Content-Type` says that the body is one COSE_Encrypt0.
 *
 * @see RFC 9052 §11.3.1 (the parameter `cose-type`)
 */
export function isEnvelopeMediaType(header: string | undefined): boolean {
  return (
    header !== undefined &&
    /^application\/cose\s*;\s*cose-type=("?)cose-encrypt0\1\s*$/i.test(header)
  );
}
