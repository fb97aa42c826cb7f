import type { Bytes } from "@siphms/cose";
import { NOTICES } from "@siphms/messages";
import type { Clock, Logger } from "@siphms/server-kit";
import type { Transaction } from "./database/index.ts";
import type { InstalledFoundation } from "./foundation.ts";
import { createIngest, runUpkeep, startUpkeep, type StoredEvent } from "./ingest/index.ts";
import type { Records } from "./records/index.ts";
import { createAnswerRequest, createLoadPatientFacts } from "./requests/index.ts";
import { createSessions, repeat, type NewNotice } from "./sessions/index.ts";
import {
  createEnvelopeWatch,
  createGatewayHub,
  createUplink,
  type LineStatus,
} from "./uplink/index.ts";

/** What the protocol's side of the hospital is made with, besides the foundation. */
export interface ProtocolOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly records: Records;
  /** gateway-urls. */
  readonly gateways: readonly string[];
  readonly envelopesPerMinute: number;
  /** The newest signed state of the audit log, which receipts name; `undefined` until there is one. */
  readonly auditHead: () => { readonly size: number; readonly root: Bytes } | undefined;
  /** Called after each commit of a message of readings. Must return at once. */
  readonly onStored: (event: StoredEvent) => void;
  /** Called after the commit in which a patient's device took another one away, or itself. */
  readonly onRevoked: (patientId: string) => void;
}

/** Devices by way of gateways: sessions, ingest, requests, and the connections that all of it comes by. */
export interface Protocol {
  /** Closes every session of a device, in the transaction that takes its binding away. */
  closeSessions(tx: Transaction, deviceId: number): Promise<void>;
  /** Tells a device that its binding is active, in the transaction that makes it so. */
  notifyActive(tx: Transaction, deviceId: number): Promise<void>;
  /** Queues a notice for a device. @returns false for one that is not active; nothing is queued then. */
  queueNotice(tx: Transaction, notice: NewNotice): Promise<boolean>;
  /** How many handshake messages were refused since the start, by reason. */
  refusedHandshakes(): Readonly<Record<string, number>>;
  /** How many gateways are connected now. */
  connectedGateways(): number;
  /** How each connection to a gateway stands. */
  gateways(): readonly LineStatus[];
  /** Waits for what is being stored and lets its answers leave, then ends the connections. */
  stop(): Promise<void>;
}

/** A session lasts at most a day (protocol section 5). */
const SESSION_LIFE_MS = 86_400_000;
/** What another process closed has to be closed at its gateway within 5 s. */
const LOOK_AROUND_MS = 1_000;

/** As a receipt takes it: without the note and whatever else is known of the head. */
function headOf({ auditHead }: ProtocolOptions): ProtocolOptions["auditHead"] {
  return () => {
    const head = auditHead();
    return head && { size: head.size, root: head.root };
  };
}

/** Joins sessions, ingest, requests and the uplink, makes the partitions ready and connects to the gateways. */
export async function startProtocol(
  { database, keyring, crypto, keys, installation }: InstalledFoundation,
  options: ProtocolOptions,
): Promise<Protocol> {
  const { clock, log, records, gateways, envelopesPerMinute } = options;
  const { hospitalId } = installation;
  const shared = { database, keyring, crypto, clock, log };
  const hub = createGatewayHub();
  const watch = createEnvelopeWatch();
  const sessions = createSessions({
    ...shared,
    hospital: keys,
    link: hub.link,
    settings: { hospitalId, sessionLifeMs: SESSION_LIFE_MS, envelopesPerMinute },
    isBusy: () => watch.isBusy(),
  });
  const upkeep = { database, clock, log, eraseSessions: () => sessions.eraseEnded() };
  await runUpkeep(upkeep);
  const ingest = createIngest({
    ...shared,
    sessions,
    identities: keys.identities,
    patientFacts: createLoadPatientFacts({ keyring }),
    answerRequest: createAnswerRequest({ keyring, crypto, records, onRevoked: options.onRevoked }),
    auditHead: headOf(options),
  });
  ingest.onStored(options.onStored);
  const served = { hub, sessions, ingest: watch.over(ingest), clock, log };
  const uplink = createUplink({ hospitalId, gateways, passKey: keys.pass, ...served });
  const stopUpkeep = startUpkeep(upkeep);
  const stopLooking = repeat(() => sessions.lookAround(), { everyMs: LOOK_AROUND_MS, log });
  return {
    closeSessions: (tx, deviceId) => sessions.closeSessionsOfDevice(tx, deviceId),
    async notifyActive(tx, deviceId) {
      const body = NOTICES["binding-active"].encode({});
      await sessions.queueNotice(tx, { deviceId, kind: "binding-active", body });
    },
    queueNotice: (tx, notice) => sessions.queueNotice(tx, notice),
    refusedHandshakes: () => sessions.handshakes.refused(),
    connectedGateways: () => uplink.connected(),
    gateways: () => uplink.lines(),
    async stop() {
      stopUpkeep();
      stopLooking();
      // What is being stored is still answered; what has not begun comes again from the gateway.
      await ingest.stop();
      await uplink.stop();
    },
  };
}
