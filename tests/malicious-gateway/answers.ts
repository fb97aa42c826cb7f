import type { Bytes } from "@siphms/cose";
import { encodeErrorMessage } from "@siphms/edhoc";
import {
  encodeMailbox,
  HEADERS,
  MEDIA_TYPES,
  PROBLEMS,
  problemType,
  type ProblemName,
} from "@siphms/relay";

/** What the gateway says to a device; `hang-up` cuts the connection without a word. */
export type Answer =
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
    }
  | "hang-up";

const NOTHING = new Uint8Array();

/** 200 with message_2 and the place for message_3, or with message_4. */
export function handshakeAnswer(body: Uint8Array, location?: string): Answer {
  const place = location === undefined ? {} : { [HEADERS.location]: location };
  return {
    status: 200,
    headers: { [HEADERS.contentType]: MEDIA_TYPES.handshakeAnswer, ...place },
    body,
  };
}

/** 400 with an EDHOC error message of each kind that RFC 9528 knows. */
export function edhocError(code: 1 | 2 | 3): Answer {
  return edhocRefusal(
    {
      1: encodeErrorMessage(1, "go away"),
      2: encodeErrorMessage(2, [0, 2]),
      3: encodeErrorMessage(3),
    }[code],
  );
}

/** 400 with these bytes as the EDHOC error message. */
export function edhocRefusal(body: Uint8Array): Answer {
  return { status: 400, headers: { [HEADERS.contentType]: MEDIA_TYPES.handshakeAnswer }, body };
}

/** A problem document of protocol section 7. */
export function problem(name: ProblemName, retryAfterSeconds = 1): Answer {
  const { status, title, retry } = PROBLEMS[name];
  return {
    status,
    headers: {
      [HEADERS.contentType]: MEDIA_TYPES.problem,
      ...(retry && { [HEADERS.retryAfter]: String(retryAfterSeconds) }),
    },
    body: Buffer.from(JSON.stringify({ type: problemType(name), title, status })),
  };
}

/** 200: the envelope that answers the one that was posted. */
export function answered(body: Uint8Array): Answer {
  return { status: 200, headers: { [HEADERS.contentType]: MEDIA_TYPES.envelope }, body };
}

/** 202: "durably queued". */
export const QUEUED: Answer = { status: 202, headers: {}, body: NOTHING };

/** 204: to a post "the hospital gives no answer", to the mailbox "nothing there". */
export const NO_CONTENT: Answer = { status: 204, headers: {}, body: NOTHING };

/** 200 from the mailbox. */
export function mailboxAnswer(envelopes: readonly Bytes[], cursor: string): Answer {
  return rawMailboxAnswer(encodeMailbox(envelopes), { [HEADERS.cursor]: cursor });
}

/** 200 from the mailbox with any body and headers. */
export function rawMailboxAnswer(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Answer {
  return { status: 200, headers: { [HEADERS.contentType]: MEDIA_TYPES.mailbox, ...headers }, body };
}
