import type { Bytes, CborMap } from "@siphms/cose";
import type { ErrorCode, Request } from "@siphms/messages";
import type { Kind, Origin, WireValue } from "@siphms/vitals";
import type { Transaction } from "../database/index.ts";
import type { Device } from "../enrolment/index.ts";
import type { ClosingReason, LiveSession } from "../sessions/index.ts";

/** One envelope as a gateway handed it on. */
export interface InboundEnvelope {
  readonly sid: Bytes;
  /** As it came; unverified. */
  readonly body: Bytes;
  /** ms. */
  readonly receivedAt: number;
}

/** What the gateway is told about one envelope, once it is true for good. */
export type IngestOutcome =
  { readonly kind: "answer"; readonly envelope: Bytes } | { readonly kind: "no-answer" };

/** One sample of a message that has just been stored. */
export interface StoredSample {
  readonly kind: Kind;
  /** ms. */
  readonly at: number;
  /** In wire units; a mean pressure that was dropped is null. */
  readonly value: WireValue;
  readonly origin: Origin;
  /** Older than its limit at receipt: raises no live alert. */
  readonly late: boolean;
  /** Why it stands in quarantine; absent for a good sample. */
  readonly quarantined?: string;
}

/** A message of readings that has just been committed. */
export interface StoredEvent {
  readonly patientId: string;
  readonly deviceId: number;
  readonly kid: Bytes;
  readonly messageId: Bytes;
  readonly receivedAt: number;
  readonly sampleCount: number;
  readonly quarantinedSamples: number;
  /** The last good sample of each series that has one. */
  readonly newest: readonly StoredSample[];
  /** Works all of them out. */
  readonly samples: () => readonly StoredSample[];
}

/** What requests are answered with. */
export interface RequestContext {
  readonly session: LiveSession;
  /** Its row is locked. */
  readonly device: Device;
  readonly now: number;
}

/** The content of a response. */
export interface RequestAnswer {
  readonly error: 0 | ErrorCode;
  /** Empty on error. */
  readonly result: CborMap;
  /** The device whose sessions end with this answer; another device of the same patient, or the asking one. */
  readonly ends?: { readonly deviceId: number; readonly reason: ClosingReason };
}

/** Answers a new request of a bound device, within the transaction that stores the answer. Does not see repeated, stale or pending ones. */
export type AnswerRequest = (
  tx: Transaction,
  request: Request,
  context: RequestContext,
) => Promise<RequestAnswer>;
