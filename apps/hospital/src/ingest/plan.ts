import type { Bytes } from "@siphms/cose";
import type { Typ } from "@siphms/messages";
import type { Device } from "../enrolment/index.ts";
import type { LiveSession } from "../sessions/index.ts";
import type { JudgedReadings } from "./judge-readings.ts";
import type { OpenedEnvelope } from "./open-envelope.ts";
import type { NoAnswerReason } from "./refusal.ts";

/** A session whose row is locked by the group's transaction, and its device's. */
export interface LockedSession {
  readonly session: LiveSession;
  readonly device: Device;
  /** The next seq towards the device; written back at the end of the transaction. */
  downSeq: number;
  /** Set when an answer of this group ends it. */
  isEnded: boolean;
}

/** The signed answer that a message got when it came first. */
export interface StoredAnswer {
  readonly typ: Typ;
  /** Undefined once a response is deleted, 24 h after it was given. */
  readonly signed: Bytes | undefined;
  /** `hospital_keys.id` of the key that signed it. */
  readonly hospitalKey: number;
}

/** What an answer says: something new to sign, what the database holds, or what another message of this group gets. */
export type AnswerContent =
  | { readonly source: "new"; readonly typ: Typ; readonly payload: Bytes }
  | { readonly source: "stored"; readonly answer: StoredAnswer & { readonly signed: Bytes } }
  | { readonly source: "group"; readonly of: AnswerPlan };

/** What is to be written of a new message of readings, or of one that was refused. */
export interface BatchRecord {
  readonly kind: "batch";
  /** Undefined for a message that was refused. */
  readonly judged: JudgedReadings | undefined;
  /** Why it was refused. */
  readonly reason?: string;
}

/** What is to be written of a new request. */
export interface RequestRecord {
  readonly kind: "request";
  /** Empty where it could not be read. */
  readonly method: string;
  /** The response's error, or 0. */
  readonly error: string | 0;
}

/** One envelope that is answered with an envelope of its own seq. */
export interface AnswerPlan {
  readonly kind: "answer";
  readonly opened: OpenedEnvelope;
  readonly locked: LockedSession;
  /** The seq of the answer, taken from {@link LockedSession.downSeq}. */
  readonly downSeq: number;
  readonly content: AnswerContent;
  /** Undefined where the message-id is taken already. */
  readonly record: BatchRecord | RequestRecord | undefined;
  readonly alarm: "message-id-reused" | "confirmation-failed" | undefined;
  /** The signed answer, once it is made. */
  signed?: Bytes;
  /** The same, sealed. */
  envelope?: Bytes;
}

/** What is to happen with one envelope of a group. */
export type Plan =
  | AnswerPlan
  /** The same envelope again: the same bytes again, from the database or from this group. */
  | { readonly kind: "repeat"; readonly of: Bytes | AnswerPlan }
  | {
      readonly kind: "no-answer";
      readonly reason: NoAnswerReason;
      readonly alarm: boolean;
    };
