import type { Bytes, CborMap } from "@siphms/cose";
import type {
  HistoryParameters,
  HistoryResult,
  Notice,
  PatientDevice,
  Profile,
  Series,
} from "@siphms/messages";
import type { Inspection } from "./inspection.ts";
import type { DeviceEvent, DeviceStatus, OutboxItem } from "./status.ts";

/** What can be set; every member has a default. */
export interface DeviceSettings {
  /** Items on their way at once, 1 to 64, by default 4. */
  readonly inFlight?: number;
  /** How long the gateway may hold a request open, in seconds, 0 to 19, by default 10. */
  readonly preferWaitSeconds?: number;
  /** How long one question to the mailbox may stay open, in seconds, 0 to 30, by default 25. */
  readonly mailboxWaitSeconds?: number;
}

/** What {@link openDevice} needs beside its ports. */
export interface DeviceOptions {
  /**
   * 32 bytes; everything in the store is sealed under it. Where it comes from (passphrase, passkey, file) is the
   * caller's business.
   */
  readonly storeKey: Uint8Array;
  readonly settings?: DeviceSettings;
}

/** Where an enrolment stands after a try. */
export type EnrolmentResult =
  | { readonly kind: "pending"; readonly code: string; readonly hospitalName: string }
  | { readonly kind: "active"; readonly hospitalName: string };

/** Options of {@link Device.record}. */
export interface RecordOptions {
  /**
   * At most 1,024 bytes of the caller's, stored in the same atomic step as the items: where it stands in its source.
   */
  readonly bookmark?: Bytes;
}

/** Options of a request. */
export interface RequestOptions {
  readonly signal?: AbortSignal;
  /**
   * How long to wait for the answer, over all sessions; by default 60 s, at most 10 minutes (then the hospital calls
   * it stale).
   */
  readonly timeoutMs?: number;
}

/** Options of {@link Device.run}. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  /**
   * `stopped`: until the signal aborts. `drained`: until nothing is left that can be delivered (what is kept does not
   * count) and no request waits; a pending device with measurements is never drained. `active`: until staff have confirmed this device. By default `stopped`.
   */
  readonly until?: "stopped" | "drained" | "active";
}

/** The patient's side of the protocol. One per store; made by {@link openDevice}. */
export interface Device {
  /** A snapshot of everything that a screen shows. Costs nothing. */
  status(): DeviceStatus;
  /** Keys, session and last item as they look from outside, for a security page. Costs nothing. */
  inspect(): Inspection;
  /** The items of the outbox, oldest first. */
  items(): readonly OutboxItem[];
  /** Calls `listener` for each event from now on; returns how to stop. A listener must not throw. */
  subscribe(listener: (event: DeviceEvent) => void): () => void;
  /** The wall clock corrected by the hospital's, ms: stamp measurements with it. */
  now(): number;

  /**
   * Takes an invitation and enrols this device, once, without retries: the caller shows the error and offers another
   * try.
   *
   * The key is durable before anything of it leaves. The same link again goes on where an interrupted try stopped: by
   * kid first, then by value; a link of another invitation starts over with a new key, as long as nothing was
   * measured under the old one. Not while {@link run} runs.
   *
   * @throws {DeviceError} `INVITATION_MALFORMED`, `INVITATION_EXPIRED`, `INVITATION_REFUSED`, `ENROLMENT_REFUSED`,
   *   `CODE_LIMIT`, `ALREADY_ENROLLED`, `REQUEST_UNANSWERED`, `ABORTED`, `STORE_FAILED` and every code of the
   *   connection.
   */
  enrol(
    link: string,
    options: { readonly deviceName: string; readonly signal?: AbortSignal },
  ): Promise<EnrolmentResult>;
  /**
   * Goes on with an interrupted enrolment without the link.
   *
   * @throws {DeviceError} As {@link enrol}, and `NOT_ENROLLED`.
   */
  resumeEnrolment(options?: { readonly signal?: AbortSignal }): Promise<EnrolmentResult>;

  /**
   * Signs readings as measured now and stores them; resolves when they are durable, before anything is sent.
   *
   * Splits them into as many items as the limits ask for, all stored in one atomic step. Works without a network,
   * also while pending.
   *
   * @returns The items, in the order of their samples.
   * @throws {DeviceError} `NOT_ENROLLED`, `READINGS_INVALID`, `STORE_FAILED`.
   */
  record(series: readonly Series[], options?: RecordOptions): Promise<readonly OutboxItem[]>;
  /** What the last {@link record} with a bookmark stored. */
  bookmark(): Promise<Bytes | undefined>;
  /** Puts an item that is kept for any reason but `refused` and `hospital-key-retired` back into the queue. @throws {DeviceError} `ITEM_UNKNOWN`. */
  requeue(messageId: Bytes): Promise<void>;

  /**
   * Keeps a session, sends what is queued, listens to the mailbox; one run at a time, and not beside {@link enrol}.
   * Network faults and refusals are waited out, not thrown.
   *
   * @throws {DeviceError} `NOT_ENROLLED`, `CODE_LIMIT` and `ENROLMENT_REFUSED` (the enrolment cannot be finished),
   *   `STORE_FAILED`, `STORE_CORRUPT`.
   */
  run(options?: RunOptions): Promise<void>;
  /** Ends a wait between tries: the network is back, or the patient pressed the button. */
  retryNow(): void;

  /**
   * Asks the hospital something; needs {@link run} to be running.
   *
   * @throws {DeviceError} `REQUEST_REFUSED` with `hospitalError`, `REQUEST_UNANSWERED`, `ABORTED`, `NOT_ENROLLED`.
   */
  request(method: string, parameters: CborMap, options?: RequestOptions): Promise<CborMap>;
  /**
   * The patient's own data as the hospital has them.
   *
   * @throws {DeviceError} As {@link request}, and `RESPONSE_MALFORMED`.
   */
  profile(options?: RequestOptions): Promise<Profile>;
  /** Stored readings of a time range. @throws {DeviceError} as {@link profile}. */
  history(parameters: HistoryParameters, options?: RequestOptions): Promise<HistoryResult>;
  /**
   * Every device that speaks for the patient or once did, this one too. @throws {DeviceError} as {@link profile}.
   */
  devices(options?: RequestOptions): Promise<readonly PatientDevice[]>;
  /**
   * Takes a device of the same patient away for good: a lost phone, or this one, whose sessions then end. Once more, it
   * changes nothing.
   *
   * @param kid - From {@link devices}; 8 bytes.
   * @throws {DeviceError} as {@link request}; `REQUEST_REFUSED` with `refused` where the patient has no such device,
   *   with `stale` where a later change was carried out first. Without an answer it may have been done: ask again.
   * @throws {RangeError} for a kid of another length.
   */
  revokeDevice(kid: Bytes, options?: RequestOptions): Promise<void>;

  /**
   * Notices that the caller has not acknowledged, oldest first; they survive a restart. `readNoticeContent` of
   * `@siphms/messages` reads them; it throws for none that stands here.
   */
  notices(): readonly Notice[];
  /**
   * The patient was told of {@link DeviceStatus.auditAlarm}: it is put aside, and the state of the audit log that the
   * next receipt names is where the watch begins again.
   *
   * @throws {DeviceError} `STORE_FAILED`.
   */
  putAuditAlarmAside(): Promise<void>;

  /** Says that these notices were shown: they are removed here and the hospital is told (`seen`). */
  acknowledge(messageIds: readonly Bytes[]): Promise<void>;
}
