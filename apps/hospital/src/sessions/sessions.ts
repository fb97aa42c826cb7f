import { setTimeout as pause } from "node:timers/promises";
import type { NodeCrypto } from "@siphms/node-crypto";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { Database, Transaction } from "../database/index.ts";
import type { HospitalKeys, Keyring } from "../keys/index.ts";
import { announceAtBegin } from "./announcements.ts";
import { closeSession, closeSessionsOfDevice, type ClosingReason } from "./closing.ts";
import type { SessionSettings } from "./establish.ts";
import { eraseEnded } from "./erasure.ts";
import { createHandshakes, type Handshakes } from "./handshakes.ts";
import { createLiveSessions, type LiveSessions } from "./live-sessions.ts";
import { createLookAround, tellClosed } from "./look-around.ts";
import { deliverWaiting, queueNotice, sealUnseen, type NewNotice } from "./notices.ts";
import type { GatewayLink } from "./ports.ts";

/** What sessions are made with. */
export interface SessionsOptions {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly hospital: HospitalKeys;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly log: Logger;
  readonly link: GatewayLink;
  readonly settings: SessionSettings;
  /** Waits so many milliseconds; the timer, but for tests. */
  readonly pause?: (ms: number) => Promise<void>;
  /** Whether envelopes are being dealt with: they go before new handshakes. Never, where it is not given. */
  readonly isBusy?: () => boolean;
}

/** Everything about sessions with devices: how they begin, what keeps them, how they end. */
export interface Sessions {
  readonly handshakes: Handshakes;
  /** The open sessions, for opening and answering envelopes. */
  readonly live: LiveSessions;
  /** Closes all sessions of a device and erases their keys, in the transaction that ends its binding. */
  closeSessionsOfDevice(tx: Transaction, deviceId: number, reason?: ClosingReason): Promise<void>;
  /** Closes one session and erases its keys. */
  closeSession(tx: Transaction, sid: Uint8Array, reason: ClosingReason): Promise<void>;
  /**
   * Queues a notice for a device: sealed for its open sessions now, and again in each later one until it is seen.
   * `body` as the kind's codec in `NOTICES` makes it.
   *
   * @returns false for a device that is not active; nothing is queued then.
   */
  queueNotice(tx: Transaction, notice: NewNotice): Promise<boolean>;
  /** To be called when a connection to a gateway is up: sends again what it may not have got. */
  onConnected(gateway: string): Promise<void>;
  /**
   * To be called every few seconds: takes over what other processes on the same database have done, new keys of the
   * hospital among it, and tells the gateways and devices that are connected here.
   */
  lookAround(): Promise<void>;
  /** Erases what is 72 h past its expiry. @returns how many sessions. */
  eraseEnded(): Promise<number>;
}

/** Keys that a device names and nobody knows are looked for in the database no more often than this. */
const KEY_LOOK_MS = 1000;

/** Joins the parts of sessions. */
export function createSessions(options: SessionsOptions): Sessions {
  const { database, keyring, hospital, crypto, clock, log, link, settings } = options;
  const { identities, pass: passKey } = hospital;
  const live = createLiveSessions({ keyring, crypto, hospital });
  const pauseFor = options.pause ?? ((ms) => pause(ms));
  const closing = { clock, live, link, pause: pauseFor };
  const notices = {
    ...{ database, keyring, crypto, clock, hospital, live, link, log },
    underWay: new Set<string>(),
  };
  const handshakes = createHandshakes({
    database,
    keyring,
    crypto,
    clock,
    log,
    identities,
    passKey,
    settings,
    pause: pauseFor,
    isBusy: options.isBusy ?? (() => false),
    closeSessions: (tx, deviceId) =>
      closeSessionsOfDevice(tx, { deviceId, reason: "binding-dropped" }, closing),
    async onBegun(tx, begun) {
      for (const session of begun) await announceAtBegin(tx, session, notices);
      await sealUnseen(tx, begun, notices);
    },
  });
  return {
    handshakes: withNewKeys(handshakes, options),
    live,
    closeSessionsOfDevice: (tx, deviceId, reason = "device-revoked") =>
      closeSessionsOfDevice(tx, { deviceId, reason }, closing),
    closeSession: (tx, sid, reason) => closeSession(tx, { sid, reason }, closing),
    queueNotice: (tx, notice) => queueNotice(tx, notice, notices),
    async onConnected(gateway) {
      await tellClosed({ gateway, since: 0, until: clock.now(), told: new Set() }, notices);
      await deliverWaiting({ gateway, isNew: true }, notices);
    },
    lookAround: createLookAround(notices),
    eraseEnded: () => eraseEnded({ database, clock, live }),
  };
}

/** A key that is unknown here may have been made by another process a moment ago, and a device have pinned it. */
function withNewKeys(
  handshakes: Handshakes,
  { hospital, clock, log }: Pick<SessionsOptions, "hospital" | "clock" | "log">,
): Handshakes {
  let lookedAt = -Infinity;

  async function isNewThere(): Promise<boolean> {
    // Also when the clock was set back.
    if (Math.abs(clock.now() - lookedAt) < KEY_LOOK_MS) return false;
    lookedAt = clock.now();
    try {
      return await hospital.refresh();
    } catch (error) {
      log.error("keys not read again", errorFields(error));
      return false;
    }
  }

  return {
    ...handshakes,
    async begin(message1) {
      const reply = await handshakes.begin(message1);
      const isUnknown = reply.outcome === "hospital-key-unknown";
      return isUnknown && (await isNewThere()) ? handshakes.begin(message1) : reply;
    },
  };
}
