import type { EadItem, Exporter } from "@siphms/edhoc";
import { toHex, type Bytes, type Credential } from "@siphms/cose";
import {
  deriveConfirmationSecret,
  deriveSessionKeys,
  EAD_ENROLMENT,
  encodeGrant,
  MAX_SESSION_MS,
  MessageError,
  parseEnrolment,
  type Enrolment,
} from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfDevice } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import { lockDevices, redeemToken, type Device } from "../enrolment/index.ts";
import type { HospitalIdentity, Keyring, PassKey } from "../keys/index.ts";
import { createGatewayPass } from "./gateway-pass.ts";
import { gather } from "./gather.ts";
import type { LiveSession } from "./live-sessions.ts";
import { isBound, type HandshakePeer } from "./peer.ts";
import { HandshakeRefusal, type RefusalReason } from "./refusal.ts";
import { insertSessions, type SessionSecrets } from "./stored-session.ts";

/** A handshake whose message_3 has verified as a whole. */
export interface VerifiedHandshake {
  readonly peer: HandshakePeer;
  readonly ead3: readonly EadItem[];
  readonly exporter: Exporter;
  readonly hospital: HospitalIdentity;
  /** gateway-url by which it came. */
  readonly gateway: string;
}

/** How sessions are made here. */
export interface SessionSettings {
  readonly hospitalId: string;
  /** At most 24 h. */
  readonly sessionLifeMs: number;
  /** What a pass allows: `lim`. */
  readonly envelopesPerMinute: number;
}

/** What making a session needs. */
export interface EstablishPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly passKey: PassKey;
  readonly settings: SessionSettings;
  readonly closeSessions: (tx: Transaction, deviceId: number) => Promise<void>;
  /** Called with the new sessions in their transaction. */
  readonly onBegun: (tx: Transaction, sessions: readonly LiveSession[]) => Promise<void>;
}

/** A session to be. */
interface Opening {
  readonly handshake: VerifiedHandshake;
  readonly secrets: SessionSecrets;
  /** ms, both. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

type KnownOpening = Opening & { readonly deviceId: number };

/** The device of a session that begins, or why it does not. */
type Bound = Device | RefusalReason;

/**
 * Makes a session of a verified handshake: redeems the token if there is one, else checks the binding once more, writes
 * the audit entry and the session's row, all in one transaction.
 *
 * @returns The value of the session grant for EAD_4.
 * @throws {HandshakeRefusal} after what the refusal itself changes is committed.
 * @throws {MessageError} `ENROLMENT_INVALID`
 * @see protocol sections 4 and 5
 */
export type EstablishSession = (handshake: VerifiedHandshake) => Promise<Bytes>;

/** Prepares {@link EstablishSession}. Sessions of known devices that come together are stored together. */
export function createEstablishing(ports: EstablishPorts): EstablishSession {
  const openKnown = gather((openings: readonly KnownOpening[]) => openForKnown(openings, ports));
  return async (handshake) => {
    const { crypto, clock, settings } = ports;
    const createdAt = clock.now();
    const expiresAt = createdAt + Math.min(settings.sessionLifeMs, MAX_SESSION_MS);
    const claim = readClaim(handshake);
    const secrets = await deriveSecrets(handshake.exporter, claim, crypto);
    const { hospitalId, envelopesPerMinute } = settings;
    const { gateway } = handshake;
    const { sid } = secrets.keys;
    const pass = await createGatewayPass(
      { hospitalId, gateway, sid, expiresAt, envelopesPerMinute },
      ports.passKey,
    );
    const opening = { handshake, secrets, createdAt, expiresAt };
    const device =
      claim.kind === "known"
        ? await openKnown({ ...opening, deviceId: claim.deviceId })
        : await openForNew(opening, claim, ports);
    if (typeof device === "string") throw new HandshakeRefusal(device);
    return encodeGrant({
      pass,
      expires: expiresAt,
      binding: device.state === "active" ? 1 : 0,
      now: createdAt,
      nonceH: secrets.nonceH,
    });
  };
}

/** Whom a session is for: a device that is bound already, or one that is to be, by a token. */
type Claim =
  | { readonly kind: "known"; readonly deviceId: number }
  | { readonly kind: "new"; readonly credential: Credential; readonly enrolment: Enrolment };

function readClaim({ peer, ead3 }: VerifiedHandshake): Claim {
  if (peer.kind === "bound") return { kind: "known", deviceId: peer.device.id };
  const value = ead3.find((item) => item.label === EAD_ENROLMENT)?.value;
  if (value === undefined) throw new MessageError("ENROLMENT_INVALID", "enrolment");
  return { kind: "new", credential: peer.credential, enrolment: parseEnrolment(value) };
}

async function deriveSecrets(
  exporter: Exporter,
  claim: Claim,
  crypto: NodeCrypto,
): Promise<SessionSecrets> {
  const keys = await deriveSessionKeys(exporter);
  const own = { keys, nonceH: crypto.randomBytes(16) };
  if (claim.kind === "known") return own;
  const { commitment } = claim.enrolment;
  return {
    ...own,
    confirmation: { secret: await deriveConfirmationSecret(exporter), commitment },
  };
}

async function openForKnown(
  openings: readonly KnownOpening[],
  { database, ...ports }: EstablishPorts,
): Promise<readonly Bound[]> {
  const ids = openings.map(({ deviceId }) => deviceId);
  return database.withTransaction(async (tx) => {
    // One may have been revoked since it was found: whoever revokes locks this row too.
    const devices = await lockDevices(tx, ports.keyring, ids);
    const bound = ids.map((id): Bound => {
      const device = devices.get(id);
      return device !== undefined && isBound(device) ? device : "device-not-bound";
    });
    const begun = openings.flatMap((opening, index) => {
      const device = bound[index];
      return typeof device === "object" ? [{ ...opening, device }] : [];
    });
    await begin(tx, begun, ports);
    return bound;
  });
}

async function openForNew(
  opening: Opening,
  { credential, enrolment }: Extract<Claim, { kind: "new" }>,
  { database, closeSessions, ...ports }: EstablishPorts,
): Promise<Bound> {
  const { token, deviceName } = enrolment;
  const claim = { token, deviceName, credential };
  const redeeming = { keyring: ports.keyring, now: opening.createdAt, closeSessions };
  return database.withTransaction(async (tx) => {
    const redemption = await redeemToken(tx, claim, redeeming);
    if (redemption.kind !== "bound") return redemption.reason;
    const { device } = redemption;
    await begin(tx, [{ ...opening, device }], ports);
    return device;
  });
}

async function begin(
  tx: Transaction,
  openings: readonly (Opening & { readonly device: Device })[],
  { keyring, onBegun }: Pick<EstablishPorts, "keyring" | "onBegun">,
): Promise<void> {
  if (openings.length === 0) return;
  const sessions = openings.map(({ handshake, secrets, device, createdAt, expiresAt }) => ({
    handshake,
    device,
    secrets,
    facts: {
      sid: secrets.keys.sid,
      deviceId: device.id,
      patientId: device.patientId,
      hospitalKey: handshake.hospital.id,
      gateway: handshake.gateway,
      createdAt,
      expiresAt,
    },
  }));
  await appendAudit(
    tx,
    sessions.map(({ handshake: { peer }, device, facts }) => ({
      at: facts.createdAt,
      event: "session.opened",
      actor: auditNameOfDevice(device.kid),
      subject: device.patientId,
      object: device.id.toString(),
      action: "create",
      outcome: "done",
      detail: { binding: device.state, by: peer.kind === "new" ? "token" : "kid" },
    })),
  );
  await insertSessions(tx, sessions, keyring);
  await onBegun(
    tx,
    sessions.map(({ handshake: { peer, hospital }, facts, secrets }) => ({
      ...facts,
      ...secrets,
      id: toHex(facts.sid),
      device: peer.sender,
      hospital,
    })),
  );
}
