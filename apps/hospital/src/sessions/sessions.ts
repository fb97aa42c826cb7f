import { setTimeout as pause } from "node:timers/promises";
import type { CborMap } from "@siphms/cose";
import type { NoticeKind } from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock, Logger } from "@siphms/server-kit";
import type { Database, Transaction } from "../database/index.ts";
import type { HospitalKeys, Keyring } from "../keys/index.ts";
import { closeSession, closeSessionsOfDevice, type ClosingReason } from "./closing.ts";
import type { SessionSettings } from "./establish.ts";
import { createHandshakes, type Handshakes } from "./handshakes.ts";
import { createLiveSessions, type LiveSessions } from "./live-sessions.ts";
import { deliverWaiting, queueNotice, sealUnseen } from "./notices.ts";
import type { GatewayLink } from "./ports.ts";
import { eraseEnded } from "./erasure.ts";

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
   */
  queueNotice(tx: Transaction, notice: QueuedNotice): Promise<void>;
  /** To be called when a connection to a gateway is up: sends again what it may not have got. */
  onConnected(gateway: string): Promise<void>;
  /** Erases what is 72 h past its expiry. @returns how many sessions. */
  eraseEnded(): Promise<number>;
}

/** A notice for one device. */
export interface QueuedNotice {
  readonly deviceId: number;
  readonly kind: NoticeKind;
  readonly body: CborMap;
}

/** Joins the parts of sessions. */
export function createSessions(options: SessionsOptions): Sessions {
  const { database, keyring, hospital, crypto, clock, log, link, settings } = options;
  const { identity, identities, pass: passKey } = hospital;
  const live = createLiveSessions({ keyring, crypto, identities });
  const closing = { clock, live, link };
  const notices = { database, keyring, crypto, clock, identity, live, link };
  const handshakes = createHandshakes({
    database,
    keyring,
    crypto,
    clock,
    log,
    identities,
    passKey,
    settings,
    pause: options.pause ?? ((ms) => pause(ms)),
    closeSessions: (tx, deviceId) =>
      closeSessionsOfDevice(tx, { deviceId, reason: "binding-dropped" }, closing),
    onBegun: (tx, session) => sealUnseen(tx, session, notices),
  });
  return {
    handshakes,
    live,
    closeSessionsOfDevice: (tx, deviceId, reason = "device-revoked") =>
      closeSessionsOfDevice(tx, { deviceId, reason }, closing),
    closeSession: (tx, sid, reason) => closeSession(tx, { sid, reason }, closing),
    queueNotice: (tx, notice) => queueNotice(tx, notice, notices),
    async onConnected(gateway) {
      await announceClosed(gateway, { database, clock, link });
      await deliverWaiting(gateway, notices);
    },
    eraseEnded: () => eraseEnded({ database, clock, live }),
  };
}

/** A session that was closed while there was no connection still has a live pass at its gateway. */
async function announceClosed(
  gateway: string,
  { database, clock, link }: Pick<SessionsOptions, "database" | "clock" | "link">,
): Promise<void> {
  const { rows } = await database.query(
    "SELECT sid FROM sessions WHERE gateway = $1 AND closed_at IS NOT NULL AND expires_at > $2",
    [gateway, clock.now()],
  );
  for (const row of rows) link.closeSession(gateway, row.bytes("sid"));
}
