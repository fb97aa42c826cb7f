import {
  createCredential,
  DEVICE_SUB,
  equalBytes,
  type Bytes,
  type Credential,
  type SigningKey,
} from "@siphms/cose";
import {
  createMessage1,
  createMessage3,
  createSuiteMinus21,
  prefixMessage1,
  prefixMessage3,
  processMessage2,
  processMessage4,
  type EadItem,
  type IdCred,
} from "@siphms/edhoc";
import {
  commitment,
  deriveSessionKeys,
  EAD_ENROLMENT,
  EAD_GRANT,
  encodeEnrolment,
  MESSAGE_3_BYTES,
  MESSAGE_4_BYTES,
  parseGrant,
  type Exporter,
  type SessionGrant,
  type SessionKeys,
} from "@siphms/messages";
import { changeDevice, findDeviceByKid } from "../enrolment/index.ts";
import type { HospitalIdentity } from "../keys/index.ts";
import type { HandshakeReply } from "../sessions/index.ts";
import type { HospitalWorld } from "./hospital-world.ts";
import { GATEWAY, newPatient, newToken, type ProtocolWorld } from "./protocol-world.ts";

/** A phone's key. Written with the packages alone, so that a fault of the device engine cannot hide one of the hospital. */
export interface Phone {
  readonly key: SigningKey;
  readonly credential: Credential;
}

/** Makes a new phone, unknown to the hospital. */
export async function newPhone({ crypto }: HospitalWorld): Promise<Phone> {
  const key = await crypto.generateSigningKey();
  return { key, credential: await createCredential(DEVICE_SUB, key.publicPoint, crypto) };
}

/** What a test can have otherwise in a handshake. */
export interface HandshakeChanges {
  readonly hospital?: HospitalIdentity;
  readonly signWith?: SigningKey;
  readonly ead3?: readonly EadItem[];
  readonly byValue?: boolean;
  readonly gateway?: string;
}

/** A handshake up to the body of message_3, which is not handed in yet. */
export async function prepareHandshake(
  world: ProtocolWorld,
  phone: Phone,
  changes: HandshakeChanges = {},
) {
  const { crypto, sessions } = world;
  const hospital = changes.hospital ?? world.keys.identity;
  const id = crypto.randomBytes(16);
  const { message1, state } = await createMessage1(createSuiteMinus21(crypto));
  const body1 = prefixMessage1(message1);
  const first = await sessions.handshakes.begin({
    id,
    kid: hospital.credential.kid,
    body: body1,
    gateway: changes.gateway ?? GATEWAY,
  });
  if (first.outcome !== "answer") return { id, body1, first, body3: undefined, finish: undefined };
  const second = await processMessage2(state, first.body, (idCred) => {
    const isPinned = idCred.kind === "kid" && equalBytes(idCred.kid, hospital.credential.kid);
    const peer = { cred: hospital.credential.bytes, key: hospital.verifyKey };
    return Promise.resolve(isPinned ? peer : undefined);
  });
  const { kid, bytes } = phone.credential;
  const idCred: IdCred =
    changes.byValue === true ? { kind: "ccs", cred: bytes } : { kind: "kid", kid };
  const own = { idCred, cred: bytes, key: changes.signWith ?? phone.key };
  const third = await createMessage3(second.state, own, {
    ead3: changes.ead3 ?? [],
    length: MESSAGE_3_BYTES,
  });
  const body3 = prefixMessage3(third.cR, third.message3);
  const finish = async (reply: HandshakeReply) =>
    processMessage4(third.state, reply.body, { length: MESSAGE_4_BYTES, knownEad: [EAD_GRANT] });
  return { id, body1, first, body3, finish };
}

/** EAD_3 of an enrolment. */
export function enrolmentEad(token: Uint8Array, commitmentBytes: Bytes): EadItem {
  const value = encodeEnrolment({
    token: new Uint8Array(token),
    deviceName: "phone",
    commitment: commitmentBytes,
  });
  return { label: EAD_ENROLMENT, critical: true, value };
}

/** What a phone has of a session. */
export interface PhoneSession {
  readonly world: ProtocolWorld;
  readonly phone: Phone;
  readonly keys: SessionKeys;
  readonly grant: SessionGrant;
  readonly hospital: HospitalIdentity;
  readonly nonceD: Bytes;
  readonly exporter: Exporter;
  /** The next seq up. */
  seq: number;
}

/** How a handshake ended. */
export type HandshakeResult =
  | { readonly kind: "refused"; readonly reply: HandshakeReply }
  | { readonly kind: "open"; readonly session: PhoneSession };

/** A whole handshake, by kid or, with a token, as an enrolment. */
export async function shakeHands(
  world: ProtocolWorld,
  phone: Phone,
  options: HandshakeChanges & { readonly token?: Bytes } = {},
): Promise<HandshakeResult> {
  const { crypto, sessions } = world;
  const nonceD = crypto.randomBytes(32);
  const { token } = options;
  const enrolment =
    token === undefined
      ? {}
      : { byValue: true, ead3: [enrolmentEad(token, await commitment(nonceD, crypto))] };
  const { id, first, body3, finish } = await prepareHandshake(world, phone, {
    ...enrolment,
    ...options,
  });
  if (body3 === undefined) return { kind: "refused", reply: first };
  const gateway = options.gateway ?? GATEWAY;
  const reply = await sessions.handshakes.finish({ id, body: body3, gateway });
  if (reply.outcome !== "answer") return { kind: "refused", reply };
  const { ead4, exporter } = await finish(reply);
  const grant = parseGrant(ead4[0]?.value ?? new Uint8Array());
  const keys = await deriveSessionKeys(exporter);
  const hospital = options.hospital ?? world.keys.identity;
  return {
    kind: "open",
    session: { world, phone, keys, grant, hospital, nonceD, exporter, seq: 0 },
  };
}

/** A handshake that has to succeed. */
export async function openSession(
  world: ProtocolWorld,
  phone: Phone,
  options: HandshakeChanges & { readonly token?: Bytes } = {},
): Promise<PhoneSession> {
  const result = await shakeHands(world, phone, options);
  if (result.kind === "refused") throw new Error(`refused: ${result.reply.outcome}`);
  return result.session;
}

/** Enrols a new phone for a patient; its binding is pending. */
export async function enrolPending(
  world: ProtocolWorld,
  patientId?: string,
): Promise<PhoneSession> {
  const token = await newToken(world, patientId ?? (await newPatient(world)));
  return openSession(world, await newPhone(world), { token });
}

/** Enrols a new phone for a patient and makes the binding active, as staff would. */
export async function enrolActive(world: ProtocolWorld, patientId?: string): Promise<PhoneSession> {
  const session = await enrolPending(world, patientId);
  await activate(world, session.phone);
  return session;
}

/** Makes a phone's binding active. */
export async function activate(world: ProtocolWorld, phone: Phone): Promise<void> {
  const { database, keyring, clock } = world;
  await database.withTransaction(async (tx) => {
    const device = await findDeviceByKid(tx, keyring, phone.credential.kid);
    if (device === undefined) throw new Error("no such device");
    const change = { state: "active", confirmedAt: clock.now(), confirmedBy: "operator" } as const;
    await changeDevice(tx, keyring, { device, change });
  });
}
