import type { EadItem, Exporter } from "@siphms/edhoc";
import { toHex, type Bytes } from "@siphms/cose";
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
import { lockDevice, redeemToken, type Device } from "../enrolment/index.ts";
import type { HospitalIdentity, Keyring, PassKey } from "../keys/index.ts";
import { createGatewayPass } from "./gateway-pass.ts";
import type { LiveSession } from "./live-sessions.ts";
import { isBound, type HandshakePeer } from "./peer.ts";
import { HandshakeRefusal, type RefusalReason } from "./refusal.ts";
import { insertSession, type SessionSecrets } from "./stored-session.ts";

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
  /** Called with the new session in its transaction. */
  readonly onBegun: (tx: Transaction, session: LiveSession) => Promise<void>;
}

/** Times of a session to be. */
interface Span {
  readonly createdAt: number;
  readonly expiresAt: number;
}

/**
 * Makes a session of a verified handshake: redeems the token if there is one, else checks the binding once more, writes
 * the audit entry and the session's row, all in one transaction.
 *
 * @returns The value of the session grant for EAD_4.
 * @throws {HandshakeRefusal} after what the refusal itself changes is committed.
 * @throws {MessageError} `ENROLMENT_INVALID`
 * @see protocol sections 4 and 5
 */
export async function establishSession(
  handshake: VerifiedHandshake,
  ports: EstablishPorts,
): Promise<Bytes> {
  const { database, crypto, clock, settings } = ports;
  const createdAt = clock.now();
  const lifeMs = Math.min(settings.sessionLifeMs, MAX_SESSION_MS);
  const span: Span = { createdAt, expiresAt: createdAt + lifeMs };
  const enrolment = readEnrolment(handshake);
  const secrets = await deriveSecrets(handshake.exporter, enrolment, crypto);
  const pass = await createGatewayPass(
    {
      hospitalId: settings.hospitalId,
      gateway: handshake.gateway,
      sid: secrets.keys.sid,
      expiresAt: span.expiresAt,
      envelopesPerMinute: settings.envelopesPerMinute,
    },
    ports.passKey,
  );
  const device = await database.withTransaction(async (tx) => {
    const bound = await bindDevice(tx, { handshake, enrolment, now: createdAt }, ports);
    if (typeof bound === "string") return bound;
    await begin(tx, { handshake, device: bound, secrets, span }, ports);
    return bound;
  });
  if (typeof device === "string") throw new HandshakeRefusal(device);
  return encodeGrant({
    pass,
    expires: span.expiresAt,
    binding: device.state === "active" ? 1 : 0,
    now: createdAt,
    nonceH: secrets.nonceH,
  });
}

function readEnrolment({ peer, ead3 }: VerifiedHandshake): Enrolment | undefined {
  if (peer.kind === "bound") return undefined;
  const value = ead3.find((item) => item.label === EAD_ENROLMENT)?.value;
  if (value === undefined) throw new MessageError("ENROLMENT_INVALID", "enrolment");
  return parseEnrolment(value);
}

async function deriveSecrets(
  exporter: Exporter,
  enrolment: Enrolment | undefined,
  crypto: NodeCrypto,
): Promise<SessionSecrets> {
  const keys = await deriveSessionKeys(exporter);
  const own = { keys, nonceH: crypto.randomBytes(16) };
  if (enrolment === undefined) return own;
  const { commitment } = enrolment;
  return {
    ...own,
    confirmation: { secret: await deriveConfirmationSecret(exporter), commitment },
  };
}

async function bindDevice(
  tx: Transaction,
  input: {
    readonly handshake: VerifiedHandshake;
    readonly enrolment: Enrolment | undefined;
    readonly now: number;
  },
  { keyring, closeSessions }: EstablishPorts,
): Promise<Device | RefusalReason> {
  const { peer } = input.handshake;
  if (peer.kind === "new") {
    if (input.enrolment === undefined) return "token-unknown";
    const { token, deviceName } = input.enrolment;
    const claim = { token, deviceName, credential: peer.credential };
    const redemption = await redeemToken(tx, claim, { keyring, now: input.now, closeSessions });
    return redemption.kind === "bound" ? redemption.device : redemption.reason;
  }
  // It may have been revoked since it was found: whoever revokes locks this row too.
  const device = await lockDevice(tx, keyring, peer.device.id);
  return device !== undefined && isBound(device) ? device : "device-not-bound";
}

async function begin(
  tx: Transaction,
  input: {
    readonly handshake: VerifiedHandshake;
    readonly device: Device;
    readonly secrets: SessionSecrets;
    readonly span: Span;
  },
  ports: EstablishPorts,
): Promise<void> {
  const { handshake, device, secrets, span } = input;
  const { hospital, gateway, peer } = handshake;
  const facts = {
    ...span,
    sid: secrets.keys.sid,
    deviceId: device.id,
    patientId: device.patientId,
    hospitalKey: hospital.id,
    gateway,
  };
  await appendAudit(tx, [
    {
      at: span.createdAt,
      event: "session.opened",
      actor: auditNameOfDevice(device.kid),
      subject: device.patientId,
      object: device.id.toString(),
      action: "create",
      outcome: "done",
      detail: { binding: device.state, by: peer.kind === "new" ? "token" : "kid" },
    },
  ]);
  await insertSession(tx, { facts, secrets }, ports.keyring);
  const id = toHex(facts.sid);
  await ports.onBegun(tx, { ...facts, ...secrets, id, device: peer.sender, hospital });
}
