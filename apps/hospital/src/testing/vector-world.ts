import { DEVICE_SUB, fromHex, hospitalSub, parseCredential, type Bytes } from "@siphms/cose";
import type { SessionKeys } from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
import { ownVectors } from "@siphms/testkit";
import { insertDevice, insertInvitation, recordSeenKey, type Device } from "../enrolment/index.ts";
import type { HospitalIdentity } from "../keys/index.ts";
import { insertSessions } from "../sessions/stored-session.ts";
import type { HospitalWorld } from "./hospital-world.ts";
import { activate, type Phone } from "./phone.ts";
import { GATEWAY, newPatient, type ProtocolWorld } from "./protocol-world.ts";

type Hexed<Name extends string> = Readonly<Record<Name, string>>;

/** One input that has to be refused. */
export interface InvalidCase extends Hexed<"kind" | "name" | "reason" | "bytes"> {
  readonly handshake?: "handshake-later.json" | "handshake-enrolment.json";
  readonly typ?: string;
}

/** One recorded handshake. */
export interface HandshakeVector extends Hexed<
  | "Y"
  | "C_R"
  | "CRED_R"
  | "body_1"
  | "message_2"
  | "body_3"
  | "Signature_2"
  | "keyUp"
  | "ivUp"
  | "keyDown"
  | "ivDown"
  | "sid"
  | "nonceH"
> {
  readonly now: number;
  readonly expires: number;
}

/** One recorded message and its envelopes. */
export interface MessageVector extends Hexed<"name" | "typ" | "itemName"> {
  readonly envelopes: readonly {
    readonly session: string;
    readonly direction: 0 | 1;
    readonly envelope: string;
  }[];
}

const { cases } = ownVectors<{ cases: readonly InvalidCase[] }>("siphms/invalid.json");
export const { items } = ownVectors<{ items: readonly MessageVector[] }>("siphms/messages.json");
export const LATER = ownVectors<HandshakeVector>("siphms/handshake-later.json");
export const ENROLMENT = ownVectors<HandshakeVector>("siphms/handshake-enrolment.json");
const KEYS = ownVectors<Record<"device" | "hospital", Hexed<"CRED" | "d">>>("siphms/keys.json");
const INVITATION = ownVectors<Hexed<"token">>("siphms/invitation.json");
const DAY = 86_400_000;

export const ofKind = (kind: string): readonly InvalidCase[] =>
  cases.filter((one) => one.kind === kind);

/** The hospital of the vectors, in the place of the world's own. */
export async function vectorIdentity({ crypto, keys }: HospitalWorld): Promise<HospitalIdentity> {
  const sub = hospitalSub("st-anna");
  const credential = await parseCredential(fromHex(KEYS.hospital.CRED), sub, crypto);
  return {
    id: keys.identity.id,
    state: "current",
    createdAt: keys.identity.createdAt,
    credential,
    key: await crypto.importSigningKey(fromHex(KEYS.hospital.d), credential.point),
    verifyKey: await crypto.importVerifyKey(credential.point),
  };
}

/** The device of the vectors. */
export async function vectorPhone({ crypto }: HospitalWorld): Promise<Phone> {
  const credential = await parseCredential(fromHex(KEYS.device.CRED), DEVICE_SUB, crypto);
  return {
    credential,
    key: await crypto.importSigningKey(fromHex(KEYS.device.d), credential.point),
  };
}

/** Enrols the device of the vectors, active for a year. */
export async function enrolVectorDevice(world: ProtocolWorld): Promise<Device> {
  const { database, keyring, crypto, clock } = world;
  const phone = await vectorPhone(world);
  const patientId = await newPatient(world);
  const device = await database.withTransaction(async (tx) => {
    const { kid, thumbprint, bytes } = phone.credential;
    const invitation = await insertInvitation(tx, keyring, {
      token: crypto.randomBytes(16),
      patientId,
      createdAt: clock.now(),
      createdBy: "operator",
      handedOver: "link",
      expiresAt: clock.now() + 1,
    });
    await recordSeenKey(tx, { kid, thumbprint, now: clock.now() });
    return insertDevice(tx, keyring, {
      kid,
      thumbprint,
      credential: bytes,
      patientId,
      invitationId: invitation.id,
      name: "phone",
      enrolledAt: clock.now() - 365 * DAY,
    });
  });
  await activate(world, phone);
  return device;
}

/** The token of the vectors' invitation, good for an hour. */
export async function issueVectorToken(world: ProtocolWorld): Promise<void> {
  const { database, keyring, clock } = world;
  const patientId = await newPatient(world);
  await database.withTransaction((tx) =>
    insertInvitation(tx, keyring, {
      token: fromHex(INVITATION.token),
      patientId,
      createdAt: clock.now(),
      createdBy: "operator",
      handedOver: "link",
      expiresAt: clock.now() + 3_600_000,
    }),
  );
}

/** The keys of a recorded session. */
export function sessionKeysOf(vector: HandshakeVector): SessionKeys {
  return {
    sid: fromHex(vector.sid),
    keyUp: fromHex(vector.keyUp),
    ivUp: fromHex(vector.ivUp),
    keyDown: fromHex(vector.keyDown),
    ivDown: fromHex(vector.ivDown),
  };
}

/** The later session of the vectors, open in the database. */
export async function openVectorSession(world: ProtocolWorld, device: Device): Promise<void> {
  const { database, keyring, keys } = world;
  const facts = {
    sid: fromHex(LATER.sid),
    deviceId: device.id,
    patientId: device.patientId,
    hospitalKey: keys.identity.id,
    gateway: GATEWAY,
    createdAt: LATER.now,
    expiresAt: LATER.expires,
  };
  const secrets = { keys: sessionKeysOf(LATER), nonceH: fromHex(LATER.nonceH) };
  await database.withTransaction((tx) => insertSessions(tx, [{ facts, secrets }], keyring));
}

/** A crypto that makes message_2 exactly as it was recorded: fixed C_R, ephemeral key and signature. */
export function unsafeRecordedCrypto(crypto: NodeCrypto, vector: HandshakeVector): NodeCrypto {
  return {
    ...crypto,
    randomBytes: (length) => (length === 8 ? fromHex(vector.C_R) : crypto.randomBytes(length)),
    generateAgreementKey: () => crypto.unsafeImportAgreementKey(fromHex(vector.Y)),
    sign: (): Promise<Bytes> => Promise.resolve(fromHex(vector.Signature_2)),
  };
}
