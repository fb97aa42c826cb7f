import type { Bytes, CborMap } from "@siphms/cose";
import {
  MAX_DEVICE_NAME_BYTES,
  MessageError,
  METHODS,
  type HistoryParameters,
  type HistoryResult,
  type Invitation,
  type Notice,
  type PatientDevice,
  type Profile,
  type Series,
} from "@siphms/messages";
import { Author } from "./author.ts";
import { AuditWatch } from "./audit-watch.ts";
import { Connection } from "./connection.ts";
import type {
  Device,
  DeviceOptions,
  DeviceSettings,
  EnrolmentResult,
  RecordOptions,
  RequestOptions,
  RunOptions,
} from "./device.ts";
import { readInvitation, tryEnrolment, type EnrolmentContext } from "./enrol.ts";
import { DeviceError } from "./errors.ts";
import { ANSWER_TIMEOUT_MS } from "./gateway.ts";
import { openSession, type HandshakeResult } from "./handshake.ts";
import { handleMessage, tellSeen, type HospitalMessagesContext } from "./hospital-messages.ts";
import type { Identity } from "./identity.ts";
import { IdentityKeeper, notEnrolled } from "./identity-keeper.ts";
import { createInbound } from "./inbound.ts";
import { LastItem, type Inspection } from "./inspection.ts";
import { Notices } from "./notices.ts";
import { createNotifier, type Notifier } from "./notifier.ts";
import { Outbox } from "./outbox.ts";
import { Patience } from "./patience.ts";
import type { DevicePorts } from "./ports.ts";
import { bytesOf, decodeRecord, encodeRecord } from "./record-codec.ts";
import { Requests } from "./requests.ts";
import { isStillTaken } from "./rotation.ts";
import { createSealedStore, type PlainOperation, type SealedStore } from "./sealed-store.ts";
import type { Session } from "./session.ts";
import { checkSettings } from "./settings.ts";
import type { DeviceEvent, DeviceStatus, OutboxItem } from "./status.ts";

const BOOKMARK_ENTRY = "bookmark";
const MAX_BOOKMARK_BYTES = 1_024;
const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;
/** Later the hospital calls a request stale. */
const MAX_REQUEST_TIMEOUT_MS = 10 * 60_000;

/**
 * Opens the engine on a store, with everything that an earlier process left there: key, pin, outbox, notices.
 *
 * Opens no connection. A store that was copied or restored is safe to open: sessions are not stored, so the first
 * thing that a run does is to begin a new one.
 *
 * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT` (damaged, or another store key).
 * @throws {RangeError} for a store key that is not 32 bytes, or a setting out of its bounds.
 */
export async function openDevice(ports: DevicePorts, options: DeviceOptions): Promise<Device> {
  const settings = checkSettings(options.settings ?? {});
  const store = createSealedStore(ports.store, options.storeKey, ports.crypto);
  const listeners = new Set<(event: DeviceEvent) => void>();
  const bell = createNotifier();
  const emit = (event: DeviceEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  const shared = { ports, store, emit, ring: bell.ring, now: () => ports.clock.now() };
  const keeper = await IdentityKeeper.open(shared);
  const outbox = await Outbox.open(shared);
  const notices = await Notices.open(store);
  const audit = await AuditWatch.open(store, ports.crypto);
  const kept = { keeper, outbox, notices, audit };
  return new Engine({ ports, settings, store, listeners, bell, emit, ...kept });
}

/** What {@link openDevice} puts together. */
interface EngineParts {
  readonly ports: DevicePorts;
  readonly settings: Required<DeviceSettings>;
  readonly store: SealedStore;
  readonly listeners: Set<(event: DeviceEvent) => void>;
  readonly bell: Notifier;
  readonly emit: (event: DeviceEvent) => void;
  readonly keeper: IdentityKeeper;
  readonly outbox: Outbox;
  readonly notices: Notices;
  readonly audit: AuditWatch;
}

/** Joins the parts; each method is a few calls of theirs. */
class Engine implements Device {
  readonly #parts: EngineParts;
  readonly #patience: Patience;
  readonly #requests: Requests;
  readonly #connection: Connection;
  readonly #author: Author;
  readonly #lastItem = new LastItem();
  #isBusy = false;
  #unreadable = 0;

  constructor(parts: EngineParts) {
    const { ports, settings, bell, emit, keeper } = parts;
    const { clock, crypto } = ports;
    const patience = new Patience({ clock, crypto, emit });
    const requests = new Requests(clock, bell.ring);
    this.#parts = parts;
    this.#patience = patience;
    this.#requests = requests;
    const messages: HospitalMessagesContext = {
      ...parts,
      crypto,
      requests,
      now: () => clock.now(),
      request: (method, parameters, signal) => this.request(method, parameters, { signal }),
    };
    const conversation = {
      ...settings,
      ports,
      patience,
      bell,
      lastItem: this.#lastItem,
      inbound: createInbound({
        crypto,
        emit,
        deviceThumbprint: () => keeper.key.credential.thumbprint,
        onUnreadable: () => {
          this.#unreadable += 1;
        },
        handle: async (session, message) => {
          await handleMessage(messages, session, message);
          this.#lastItem.received(message);
        },
      }),
      next: (session: Session) => this.#next(session),
      beside: (session: Session, signal: AbortSignal) => [
        tellSeen(messages, session, signal),
        parts.audit.watch({ ...messages, clock }, session, signal),
      ],
    };
    this.#connection = new Connection({
      conversation,
      patience,
      requests,
      emit,
      open: (signal) => tryEnrolment(this.#enrolmentContext(signal)),
    });
    this.#author = new Author({
      crypto,
      keeper,
      sessionHospital: () => this.#connection.session?.hospital,
    });
  }

  status(): DeviceStatus {
    const { outbox, keeper, notices, audit } = this.#parts;
    const { queue, oldest, lastReceiptAt } = outbox.summary();
    const { lastError, nextTryAt, needsAttention } = this.#patience;
    const identity = keeper.identityIfAny;
    return {
      state: keeper.state,
      ...(identity && this.#parties(identity)),
      ...(identity?.code !== undefined && { code: identity.code }),
      connection: this.#connectionState(),
      queue,
      ...(oldest !== undefined && { oldest }),
      unreadable: this.#unreadable,
      openNotices: notices.openCount,
      ...(lastReceiptAt !== undefined && { lastReceiptAt }),
      ...(lastError && { lastError }),
      needsAttention,
      ...(this.#isBusy && nextTryAt !== undefined && { nextTryAt }),
      totals: outbox.totals,
      ...(audit.verified && { audit: audit.verified }),
      ...(audit.alarm && { auditAlarm: audit.alarm }),
    };
  }

  inspect(): Inspection {
    const { session } = this.#connection;
    const lastItem = this.#lastItem.item;
    const identity = this.#parts.keeper.identityIfAny;
    return {
      ...(identity && {
        hospitalThumbprint: identity.pinned.credential.thumbprint,
        deviceThumbprint: this.#parts.keeper.key.credential.thumbprint,
      }),
      ...(session && {
        session: {
          sid: session.keys.sid,
          opened: session.openedAt,
          expires: session.expires - session.clockOffsetMs,
        },
      }),
      ...(lastItem && { lastItem }),
    };
  }

  items(): readonly OutboxItem[] {
    return this.#parts.outbox.items();
  }

  subscribe(listener: (event: DeviceEvent) => void): () => void {
    // A function of its own, so that subscribing twice with one listener can be undone twice.
    const own = (event: DeviceEvent): void => {
      listener(event);
    };
    this.#parts.listeners.add(own);
    return () => {
      this.#parts.listeners.delete(own);
    };
  }

  now(): number {
    return this.#parts.keeper.now();
  }

  async enrol(
    link: string,
    options: { readonly deviceName: string; readonly signal?: AbortSignal },
  ): Promise<EnrolmentResult> {
    if (new TextEncoder().encode(options.deviceName).length > MAX_DEVICE_NAME_BYTES) {
      throw new RangeError("deviceName is longer than 64 bytes");
    }
    return this.#alone(async () => {
      const invitation = await readInvitation(link, this.#parts.ports.crypto);
      await this.#takeInvitation(invitation, options.deviceName);
      return this.#tryEnrolment(options.signal);
    });
  }

  async resumeEnrolment(options: { readonly signal?: AbortSignal } = {}): Promise<EnrolmentResult> {
    return this.#alone(() => this.#tryEnrolment(options.signal));
  }

  async record(
    series: readonly Series[],
    options: RecordOptions = {},
  ): Promise<readonly OutboxItem[]> {
    const { bookmark } = options;
    if (bookmark !== undefined && bookmark.length > MAX_BOOKMARK_BYTES) {
      throw new RangeError("bookmark is longer than 1,024 bytes");
    }
    const { keeper, outbox } = this.#parts;
    if (keeper.state === "new" || keeper.state === "enrolling") throw notEnrolled();
    const items = await this.#author.writeReadings(series);
    await outbox.add(items, bookmark === undefined ? [] : [bookmarkOperation(bookmark)]);
    return items.map(({ messageId, created, samples }) => {
      return { messageId, created, samples, state: "queued" };
    });
  }

  async bookmark(): Promise<Bytes | undefined> {
    const plain = await this.#parts.store.get(BOOKMARK_ENTRY);
    return plain === undefined ? undefined : bytesOf(decodeRecord(plain).get(1));
  }

  async requeue(messageId: Bytes): Promise<void> {
    await this.#parts.outbox.requeue(messageId);
  }

  async run(options: RunOptions = {}): Promise<void> {
    const { signal, until = "stopped" } = options;
    const isDone = {
      stopped: () => false,
      drained: () => !this.#parts.outbox.hasDeliverable && !this.#requests.isWaiting,
      active: () => this.#parts.keeper.state === "active",
    }[until];
    if (this.#parts.keeper.state === "new") throw notEnrolled();
    await this.#alone(() => this.#connection.keep({ signal, isDone }));
  }

  retryNow(): void {
    this.#patience.retryNow();
  }

  async request(
    method: string,
    parameters: CborMap,
    options: RequestOptions = {},
  ): Promise<CborMap> {
    const { timeoutMs = DEFAULT_REQUEST_TIMEOUT_MS, signal } = options;
    return this.#requests.add({
      ...(await this.#author.writeRequest(method, parameters)),
      timeoutMs: Math.min(timeoutMs, MAX_REQUEST_TIMEOUT_MS),
      signal,
    });
  }

  async profile(options: RequestOptions = {}): Promise<Profile> {
    const { parameters, result } = METHODS.profile;
    const answer = await this.request("profile", parameters.encode({}), options);
    return parseResult(() => result.parse(answer));
  }

  async history(
    parameters: HistoryParameters,
    options: RequestOptions = {},
  ): Promise<HistoryResult> {
    const { history } = METHODS;
    const answer = await this.request("history", history.parameters.encode(parameters), options);
    return parseResult(() => history.result.parse(answer));
  }

  async devices(options: RequestOptions = {}): Promise<readonly PatientDevice[]> {
    const { parameters, result } = METHODS.devices;
    const answer = await this.request("devices", parameters.encode({}), options);
    return parseResult(() => result.parse(answer).devices);
  }

  async revokeDevice(kid: Bytes, options: RequestOptions = {}): Promise<void> {
    const { parameters, result } = METHODS["revoke-device"];
    const answer = await this.request("revoke-device", parameters.encode({ kid }), options);
    parseResult(() => result.parse(answer));
  }

  notices(): readonly Notice[] {
    return this.#parts.notices.list();
  }

  async putAuditAlarmAside(): Promise<void> {
    await this.#parts.audit.putAside();
    this.#parts.bell.ring();
  }

  async acknowledge(messageIds: readonly Bytes[]): Promise<void> {
    await this.#parts.notices.acknowledge(messageIds);
    this.#parts.bell.ring();
  }

  #parties(identity: Identity): Pick<DeviceStatus, "hospital" | "device"> {
    const { hospitalId: id, hospitalName: name, gatewayUrl, pinned, deviceName } = identity;
    return {
      hospital: { id, name, gatewayUrl, kid: pinned.credential.kid },
      device: { kid: this.#parts.keeper.key.credential.kid, name: deviceName },
    };
  }

  #connectionState(): DeviceStatus["connection"] {
    if (!this.#isBusy) return "stopped";
    if (this.#patience.nextTryAt !== undefined) return "waiting";
    return this.#connection.session === undefined ? "connecting" : "open";
  }

  /** Enrolling and running both own the connection. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isBusy) throw new RangeError("this device runs or enrols already");
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }

  async #takeInvitation(invitation: Invitation, deviceName: string): Promise<void> {
    const { keeper, outbox, audit } = this.#parts;
    if (keeper.isOurs(invitation.token)) return;
    if (keeper.state === "active" || !outbox.isEmpty) {
      throw new DeviceError(
        "ALREADY_ENROLLED",
        "This store belongs to an enrolled device, or holds readings of one. Use a new store.",
      );
    }
    this.#connection.drop("given-up");
    // The new key may be another hospital's, whose log is another one.
    await audit.putAside();
    await keeper.begin(invitation, deviceName);
  }

  async #tryEnrolment(signal: AbortSignal | undefined): Promise<EnrolmentResult> {
    const { keeper } = this.#parts;
    if (keeper.identity.state !== "active") await tryEnrolment(this.#enrolmentContext(signal));
    const { state, code, hospitalName } = keeper.identity;
    if (state === "active" || code === undefined) return { kind: "active", hospitalName };
    return { kind: "pending", code, hospitalName };
  }

  #enrolmentContext(signal: AbortSignal | undefined): EnrolmentContext {
    const { ports, emit, keeper } = this.#parts;
    return {
      crypto: ports.crypto,
      keeper,
      emit,
      shakeHands: ({ byValue, beforeMessage3 }) => {
        const { identity } = keeper;
        return openSession(ports, {
          identity,
          deviceKey: keeper.key,
          signal,
          ...(byValue && { enrolment: { ...byValue, deviceName: identity.deviceName } }),
          ...(beforeMessage3 && { beforeMessage3 }),
        });
      },
      adopt: (result) => this.#adopt(result),
      confirm: (session, nonceD) => this.#confirm(session, nonceD, signal),
      now: () => ports.clock.now(),
    };
  }

  async #adopt({ session }: HandshakeResult): Promise<void> {
    const { keeper, outbox } = this.#parts;
    await keeper.setClockOffset(session.clockOffsetMs);
    this.#connection.adopt(session);
    const { retired } = keeper.identity;
    await outbox.requeueGatewayRefused();
    await outbox.keepRetired((recipient) => isStillTaken(recipient, retired, keeper.now()));
  }

  async #confirm(session: Session, nonceD: Bytes, signal: AbortSignal | undefined): Promise<void> {
    const parameters = METHODS.confirm.parameters.encode({ nonceD });
    const request = await this.#author.writeRequest("confirm", parameters);
    const bound = { ...request, timeoutMs: ANSWER_TIMEOUT_MS, signal, boundTo: session };
    const answer = this.#requests.add(bound);
    const isDone = (): boolean => !this.#requests.has(request.messageId);
    const conversation = this.#connection.converse(session, { signal, isDone });
    await Promise.allSettled([answer, conversation]);
    await conversation;
    await answer;
  }

  #next(session: Session): ReturnType<Outbox["take"]> {
    const request = this.#requests.take(session);
    if (request !== undefined) return request;
    // While pending the device measures but sends no readings (protocol section 4).
    const maySendReadings = this.#parts.keeper.state === "active" && session.bindingActive;
    return maySendReadings ? this.#parts.outbox.take() : undefined;
  }
}

function bookmarkOperation(bookmark: Bytes): PlainOperation {
  return { kind: "put", name: BOOKMARK_ENTRY, plain: encodeRecord([1, bookmark]) };
}

function parseResult<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof MessageError)) throw cause;
    throw new DeviceError(
      "RESPONSE_MALFORMED",
      "The hospital's answer is not of the protocol's form.",
      { cause },
    );
  }
}
