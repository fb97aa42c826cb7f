import type { Bytes } from "@siphms/cose";
import type { Notice, Receipt } from "@siphms/messages";
import type { DeviceErrorCode } from "./errors.ts";

/**
 * Where the enrolment stands: `new` (no invitation taken), `enrolling` (begun, no code shown yet), `pending` (code
 * shown, staff have not confirmed: measures but sends no readings), `active`.
 */
export type DeviceState = "new" | "enrolling" | "pending" | "active";

/**
 * Where an item of the outbox stands: `queued` (only here), `sealed` (being sent), `at-gateway` (202: survives the
 * gateway's power cut, not yet confirmed by the hospital), `kept` (not delivered; a {@link KeptReason} says why; it
 * stays until someone acts).
 */
export type ItemState = "queued" | "sealed" | "at-gateway" | "kept";

/**
 * Why an item stays: `refused` (the hospital's signed outcome 3), `no-answer` (the hospital could not read it,
 * twice), `too-large` (413), `gateway-refused` (the gateway calls it malformed; tried again in the next session),
 * `hospital-key-retired` (signed for a hospital key that is no longer accepted).
 */
export type KeptReason =
  "refused" | "no-answer" | "too-large" | "gateway-refused" | "hospital-key-retired";

/** One item of the outbox, without its content. */
export interface OutboxItem {
  readonly messageId: Bytes;
  /** When it was signed, ms, by the corrected clock. */
  readonly created: number;
  readonly samples: number;
  readonly state: ItemState;
  readonly keptReason?: KeptReason;
  /** The reason that the hospital's receipt gave, with `refused`. */
  readonly receiptReason?: string;
}

/** A state of the hospital's audit log that its receipts have named, and when this device had it proved. */
export interface AuditState {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Bytes;
  /** ms, this device's clock. */
  readonly at: number;
}

/**
 * Two states of the hospital's audit log that cannot both be true. `two-roots`: of one size, with other content;
 * `not-continued`: the hospital's proof that the later continues the earlier is false; `refused`: it will not prove it, or did not in twenty tries.
 *
 * Either entries were changed or removed, or the hospital was restored from a backup and lost its last entries.
 */
export interface AuditAlarm {
  readonly kind: "two-roots" | "not-continued" | "refused";
  /** When it was found, ms, this device's clock. */
  readonly at: number;
  readonly earlier: { readonly size: number; readonly root: Bytes };
  readonly later: { readonly size: number; readonly root: Bytes };
}

/** Counters since enrolment, durable; samples, a blood pressure counts as one. */
export interface DeviceTotals {
  readonly recordedItems: number;
  readonly recordedSamples: number;
  /** Confirmed by a verified receipt: outcomes 0, 1 and 2. */
  readonly receiptedItems: number;
  readonly receiptedSamples: number;
  /** Of those, samples that the hospital put into quarantine. */
  readonly quarantinedSamples: number;
  readonly refusedItems: number;
}

/** What a screen or `siphms device status` shows. A snapshot; never changes after it was given out. */
export interface DeviceStatus {
  readonly state: DeviceState;
  readonly hospital?: {
    readonly id: string;
    readonly name: string;
    readonly gatewayUrl: string;
    readonly kid: Bytes;
  };
  readonly device?: { readonly kid: Bytes; readonly name: string };
  /** The six digits to compare with staff, while pending. */
  readonly code?: string;
  /** `stopped` (nothing runs), `connecting`, `open` (a session), `waiting` (for {@link nextTryAt}). */
  readonly connection: "stopped" | "connecting" | "open" | "waiting";
  readonly queue: {
    readonly queued: number;
    readonly atGateway: number;
    readonly kept: number;
    /** Entries that no longer open; left as they are. */
    readonly damaged: number;
    /** Samples in items that are not confirmed, kept ones too. */
    readonly samples: number;
  };
  /** `created` of the oldest item that is not confirmed, ms. */
  readonly oldest?: number;
  /**
   * Envelopes that did not open under their session's key, since this engine was opened: only a fault or an attack
   * sends such.
   */
  readonly unreadable: number;
  /** Notices that the caller has not acknowledged. */
  readonly openNotices: number;
  /** When the last receipt that freed something came, ms, this device's clock. */
  readonly lastReceiptAt?: number;
  readonly lastError?: { readonly code: DeviceErrorCode; readonly at: number };
  /** Refused again after 1, 5 and 30 minutes: someone has to look. */
  readonly needsAttention: boolean;
  /** When the next try begins, ms, this device's clock. */
  readonly nextTryAt?: number;
  readonly totals: DeviceTotals;
  /** The newest proved state of the hospital's audit log; absent until a receipt has named one. */
  readonly audit?: AuditState;
  /** Until it is put aside: {@link Device.putAuditAlarmAside}. */
  readonly auditAlarm?: AuditAlarm;
}

/** Why a session ended. */
export type SessionEnd =
  | "renewal"
  | "no-answer"
  | "hospital-no-answer"
  | "pass-invalid"
  | "session-unknown"
  | "session-expired"
  | "sequence-conflict"
  | "sequence-exhausted"
  | "given-up"
  | "stopped";

/**
 * What the engine tells whoever listens, in the order in which it happened and after it is durable. `seen-told`: the
 * hospital knows which notices were seen, and does not send them again.
 *
 * An `alarm` is something that only a fault or an attack explains: `sequence-conflict` (two messages under one
 * number: the session was ended), `unverifiable-message` (sealed with the session's key, not signed by the hospital),
 * `malformed-message` (signed by the hospital, not of the protocol's form), `receipt-mismatch` (names another content
 * than what was sent), `audit-history` (the hospital's audit log was shown with two histories: {@link AuditAlarm}).
 */
export type DeviceEvent =
  | { readonly type: "state"; readonly state: DeviceState }
  | { readonly type: "code"; readonly code: string; readonly hospitalName: string }
  | { readonly type: "invitation-late"; readonly expires: number }
  | { readonly type: "session-opened"; readonly expires: number; readonly clockOffsetMs: number }
  | { readonly type: "session-ended"; readonly reason: SessionEnd }
  | { readonly type: "recorded"; readonly messageId: Bytes; readonly samples: number }
  | { readonly type: "at-gateway"; readonly messageId: Bytes; readonly samples: number }
  | {
      readonly type: "receipted";
      readonly messageId: Bytes;
      readonly samples: number;
      readonly receipt: Receipt;
    }
  | {
      readonly type: "kept";
      readonly messageId: Bytes;
      readonly samples: number;
      readonly reason: KeptReason;
      readonly receipt?: Receipt;
    }
  | { readonly type: "notice"; readonly notice: Notice }
  | { readonly type: "seen-told"; readonly messageIds: readonly Bytes[] }
  | { readonly type: "hospital-key-rotated"; readonly kid: Bytes; readonly oldValidUntil: number }
  | {
      readonly type: "problem";
      readonly code: DeviceErrorCode;
      readonly nextTryAt?: number;
      readonly needsAttention: boolean;
    }
  | {
      readonly type: "alarm";
      readonly alarm:
        | "sequence-conflict"
        | "unverifiable-message"
        | "malformed-message"
        | "receipt-mismatch"
        | "audit-history";
    };
