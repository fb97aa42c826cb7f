import type { Bytes } from "./bytes.ts";

/**
 * How the hospital answers a handshake message.
 *
 * `answer` carries message_2 or message_4, `edhoc-error` an EDHOC error message; all others have an
 * empty body and become the problem of the same name.
 */
export type HandshakeOutcome =
  | "answer"
  | "edhoc-error"
  | "handshake-used"
  | "hospital-key-unknown"
  | "slow-down"
  | "hospital-away"
  | "malformed";

/** Gateway to hospital: message_1 (with its `0xf5`) of a new handshake for the hospital key `kid`. */
export interface HandshakeStartFrame {
  readonly type: "handshake-in";
  readonly step: 1;
  readonly id: Bytes;
  readonly kid: Bytes;
  readonly body: Bytes;
}

/** Gateway to hospital: C_R and message_3 of the handshake that the gateway calls `id`. */
export interface HandshakeFinishFrame {
  readonly type: "handshake-in";
  readonly step: 3;
  readonly id: Bytes;
  readonly body: Bytes;
}

/**
 * Gateway to hospital: one envelope of the session `sid`, costing one credit.
 *
 * `number` is the gateway's own, 1 or more and growing; the same envelope keeps its number when it is sent again.
 */
export interface EnvelopeFrame {
  readonly type: "envelope";
  readonly sid: Bytes;
  readonly number: number;
  readonly body: Bytes;
}

/** Hospital to gateway: what came of the last message of handshake `id`. */
export interface HandshakeOutFrame {
  readonly type: "handshake-out";
  readonly id: Bytes;
  readonly outcome: HandshakeOutcome;
  readonly body: Bytes;
}

/** Hospital to gateway: the envelope that answers envelope `number` of `sid`; number 0 is a notice that nobody asked for. */
export interface AnswerFrame {
  readonly type: "answer";
  readonly sid: Bytes;
  readonly number: number;
  readonly body: Bytes;
}

/** Hospital to gateway: envelope `number` of `sid` is dealt with and gets no answer. */
export interface NoAnswerFrame {
  readonly type: "no-answer";
  readonly sid: Bytes;
  readonly number: number;
}

/** Hospital to gateway: it takes `count` envelopes more than those it was already sent and granted. */
export interface CreditFrame {
  readonly type: "credit";
  readonly count: number;
}

/**
 * Hospital to gateway: the pass of `sid` is dead from now on, its mailbox is thrown away.
 *
 * May be sent again without harm. A hospital that closed a session while it had no uplink sends it after connecting.
 */
export interface CloseFrame {
  readonly type: "close";
  readonly sid: Bytes;
}

/** What the gateway sends to the hospital. */
export type GatewayFrame = HandshakeStartFrame | HandshakeFinishFrame | EnvelopeFrame;

/** What the hospital sends to the gateway. */
export type HospitalFrame =
  HandshakeOutFrame | AnswerFrame | NoAnswerFrame | CreditFrame | CloseFrame;

/** One frame of the uplink, either way. */
export type UplinkFrame = GatewayFrame | HospitalFrame;

/** The JOSE header `typ` of the token with which a hospital opens its uplink (`Authorization: Bearer`). */
export const UPLINK_TOKEN_TYPE = "siphms-uplink";

/** WebSocket close codes of the uplink that are this protocol's own. */
export const UPLINK_CLOSE: {
  /** The hospital has opened another uplink, which takes over. */
  readonly replaced: 4001;
  /** The hospital is no longer admitted, or was admitted with another key. */
  readonly expelled: 4002;
  /** A message was no sequence of frames of that direction. */
  readonly malformed: 4003;
  /** The gateway could not store an answer; what is unanswered comes again on the next uplink. */
  readonly storage: 4004;
  /** Nothing was heard for too long, or the peer took nothing for too long. */
  readonly silent: 4005;
} = { replaced: 4001, expelled: 4002, malformed: 4003, storage: 4004, silent: 4005 };
