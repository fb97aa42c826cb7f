import type { Bytes, GatewayFrame, Registration } from "@siphms/relay";

/** A session as the gateway knows it: a handle that one hospital gave to somebody. */
export interface SessionRef {
  readonly hospital: string;
  readonly sid: Bytes;
}

/** An envelope that waits for its hospital. */
export interface QueuedEnvelope {
  /** Grows with the order of arrival and is never given twice. */
  readonly number: number;
  readonly sid: Bytes;
  readonly body: Bytes;
}

/** An envelope to be stored. */
export interface IncomingEnvelope extends SessionRef {
  readonly body: Bytes;
  /** When it arrived, ms. */
  readonly at: number;
}

/** What a hospital says about a session. */
export type Settlement =
  | {
      readonly kind: "answer";
      readonly sid: Bytes;
      readonly number: number;
      readonly envelope: Bytes;
    }
  | { readonly kind: "no-answer"; readonly sid: Bytes; readonly number: number }
  | { readonly kind: "notice"; readonly sid: Bytes; readonly envelope: Bytes }
  | { readonly kind: "close"; readonly sid: Bytes };

/** What waits in a mailbox behind a place. */
export interface MailboxPart {
  readonly envelopes: readonly Bytes[];
  /** The place of the last of them. */
  readonly last: number;
}

/** How much a store holds. */
export interface StoreUsage {
  readonly queued: number;
  readonly queuedBytes: number;
}

/** How many entries a sweep took away. */
export interface SweepResult {
  readonly queued: number;
  readonly mailbox: number;
  readonly marks: number;
}

/**
 * Keeps what the gateway has promised to keep.
 *
 * Every promise of this port is fulfilled when the change survives a power cut, and not before. Changes happen in the order of their calls.
 */
export interface QueueStore {
  /** Stores an envelope; `"full"` if a limit is reached or the write failed, and then nothing is stored. */
  enqueue(envelope: IncomingEnvelope): Promise<number | "full">;
  /** The envelopes of a hospital behind `after`, in order of arrival, at most `count` and about `bytes` of them. */
  pending(
    hospital: string,
    after: number,
    limit: { readonly count: number; readonly bytes: number },
  ): readonly QueuedEnvelope[];
  /**
   * Does what a hospital says, all of it or nothing.
   *
   * An answer goes into the mailbox and takes its envelope out of the queue. A settlement of an envelope that is not
   * there (answered before, or of another session) changes nothing; nor do answers to a closed session reach its mailbox.
   *
   * @returns For each settlement whether it took effect.
   * @throws {StoreError} `STORE_FAILED`
   */
  settle(
    hospital: string,
    settlements: readonly Settlement[],
    at: number,
  ): Promise<readonly boolean[]>;
  /** What waits in a mailbox behind the place `after` (0 for all), oldest first, as much as fits into `maxBytes`. */
  readMailbox(session: SessionRef, after: number, maxBytes: number): MailboxPart | undefined;
  /**
   * Deletes what lies in a mailbox up to and including the place `upTo`.
   *
   * @throws {StoreError} `STORE_FAILED`
   */
  acknowledge(session: SessionRef, upTo: number): Promise<void>;
  /** Whether the hospital has closed that session. */
  isClosed(session: SessionRef): boolean;
  /**
   * Remembers a token until `expiresAt`; `false` if it is remembered already.
   *
   * @throws {StoreError} `STORE_FAILED`
   */
  useTokenOnce(token: string, expiresAt: number): Promise<boolean>;
  /**
   * Deletes queued and mailbox entries and closing marks older than `before`, and tokens that expired before `now`.
   *
   * @throws {StoreError} `STORE_FAILED`
   */
  sweep(before: number, now: number): Promise<SweepResult>;
  /** How many envelopes of a hospital are not answered. */
  queuedFor(hospital: string): number;
  usage(): StoreUsage;
  /** Whether the last write worked and there is room for another. */
  works(): boolean;
  /** Tries a small write if the last one failed: who is told that nothing works sends nothing that could show otherwise. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** How much the queue may hold. */
export interface QueueLimits {
  /** Envelopes of one session. */
  readonly sessionEnvelopes: number;
  /** Envelopes of one hospital. */
  readonly hospitalEnvelopes: number;
  /** Bytes of one hospital's envelopes. */
  readonly hospitalBytes: number;
}

/**
 * The hospitals that the operator has admitted.
 *
 * It always says what holds now, whoever changed it; a hospital that has not changed is the same object again.
 */
export interface HospitalDirectory {
  find(id: string): Registration | undefined;
  list(): readonly Registration[];
  /** Whether a browser's origin is the patient app of an admitted hospital. */
  isAppOrigin(origin: string): boolean;
}

/** What the operator's commands do with the directory. */
export interface HospitalAdmission extends HospitalDirectory {
  /** Admits a hospital, or takes over what it has changed. */
  admit(registration: Registration): Promise<void>;
  /** `false` if there was no such hospital. */
  expel(id: string): Promise<boolean>;
}

/** The hospital's end of an uplink, as the domain sees it. */
export interface UplinkLink {
  send(frame: GatewayFrame): void;
  /** Bytes that were handed over and have not left yet. */
  backlogBytes(): number;
  close(code: number): void;
}
