import type { Bytes, Credential, Crypto } from "@siphms/cose";
import { createCredential, DEVICE_SUB, equalBytes, hospitalSub } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import {
  createMessage1,
  createMessage2,
  createMessage3,
  createMessage4,
  createSuiteMinus21,
  processMessage1,
  processMessage2,
  processMessage3,
  processMessage4,
} from "./index.ts";
import type {
  AwaitingMessage2,
  AwaitingMessage3,
  AwaitingMessage4,
  EadItem,
  Exporter,
  OwnIdentity,
  PeerIdentity,
  ReadyForMessage3,
  ReadyForMessage4,
  ResolvePeer,
  Suite,
} from "./index.ts";

/** Invented parties under our own profile, and handshakes between them. */

const nodeCrypto = createNodeCrypto();

/** Suite -21 with the strict profile, on node:crypto. */
export const suite: Suite = createSuiteMinus21(nodeCrypto);

/** Somebody with a key, as they see themselves and as a peer sees them. */
export interface Party {
  readonly credential: Credential;
  readonly own: OwnIdentity;
  readonly peer: PeerIdentity;
}

/** Which adapter holds a party's private key, and which its public key at the peer. */
export interface Adapters {
  readonly own: Crypto;
  readonly peer: Crypto;
}

const ON_NODE: Adapters = { own: nodeCrypto, peer: nodeCrypto };

/** A session grant as `messages` would encode it; EDHOC does not look inside. */
export const GRANT: EadItem = { label: 32770, critical: true, value: new Uint8Array([1, 2, 3]) };

/** An enrolment as `messages` would encode it. */
export const ENROLMENT: EadItem = { label: 32769, critical: true, value: new Uint8Array([4, 5]) };

/** A new device. */
export function createDevice(adapters: Adapters = ON_NODE): Promise<Party> {
  return createParty(DEVICE_SUB, adapters);
}

/** A new hospital. */
export function createHospital(adapters: Adapters = ON_NODE): Promise<Party> {
  return createParty(hospitalSub("st-anna"), adapters);
}

async function createParty(sub: string, adapters: Adapters): Promise<Party> {
  const key = await adapters.own.generateSigningKey();
  const credential = await createCredential(sub, key.publicPoint, adapters.own);
  const { kid, bytes: cred } = credential;
  return {
    credential,
    own: { idCred: { kind: "kid", kid }, cred, key },
    peer: { cred, key: await adapters.peer.importVerifyKey(key.publicPoint) },
  };
}

/** The same party, showing its credential by value. */
export function byValue({ own }: Party): OwnIdentity {
  return { ...own, idCred: { kind: "ccs", cred: own.cred } };
}

/** Knows these parties, by kid and by value. */
export function resolveAmong(...parties: readonly Party[]): ResolvePeer {
  return (idCred) => {
    const found = parties.find(({ credential }) => {
      if (idCred.kind === "kid") return equalBytes(idCred.kid, credential.kid);
      return idCred.kind === "ccs" && equalBytes(idCred.cred, credential.bytes);
    });
    return Promise.resolve(found?.peer);
  };
}

/** Who takes part. */
export interface Parties {
  readonly device: Party;
  readonly hospital: Party;
  /** The device's suite, if it is not {@link suite}. */
  readonly deviceSuite?: Suite;
  /** The hospital's, likewise. */
  readonly hospitalSuite?: Suite;
}

/** A handshake whose message_2 has been made and not yet been taken. */
export interface Begun {
  readonly message1: Bytes;
  readonly message2: Bytes;
  readonly cR: Bytes;
  readonly initiator: AwaitingMessage2;
  readonly responder: AwaitingMessage3;
}

/** What lies on the wire between two parties, and may be changed there. */
export type Wire = (message: 1 | 2 | 3 | 4, bytes: Bytes) => Bytes;

const UNCHANGED: Wire = (_message, bytes) => bytes;

/** Message_1 and message_2, the second from `own`. */
export async function begin(
  own: OwnIdentity,
  options: {
    readonly deviceSuite?: Suite;
    readonly hospitalSuite?: Suite;
    readonly wire?: Wire;
  } = {},
): Promise<Begun> {
  const { deviceSuite = suite, hospitalSuite = suite, wire = UNCHANGED } = options;
  const { message1, state: initiator } = await createMessage1(deviceSuite);
  const received = await processMessage1([hospitalSuite], wire(1, message1));
  const { message2, cR, state: responder } = await createMessage2(received.state, own);
  return { message1, message2, cR, initiator, responder };
}

/** The device has taken the hospital's message_2. */
export async function toReadyForMessage3(
  hospital: Party,
): Promise<Begun & { readonly state: ReadyForMessage3 }> {
  const begun = await begin(hospital.own);
  const { state } = await processMessage2(begun.initiator, begun.message2, resolveAmong(hospital));
  return { ...begun, state };
}

/** The hospital has taken the device's message_3. */
export async function toReadyForMessage4({ device, hospital }: Parties): Promise<{
  readonly initiator: AwaitingMessage4;
  readonly responder: ReadyForMessage4;
  readonly exporter: Exporter;
}> {
  const { state, responder } = await toReadyForMessage3(hospital);
  const third = await createMessage3(state, device.own);
  const received = await processMessage3(responder, third.message3, resolveAmong(device));
  return { initiator: third.state, responder: received.state, exporter: received.exporter };
}

/** A later session to its end, each message through the wire; gives the key up as both sides see it. */
export async function runSession(
  { device, hospital, ...suites }: Parties,
  wire: Wire = UNCHANGED,
): Promise<readonly [initiator: Bytes, responder: Bytes]> {
  const begun = await begin(hospital.own, { ...suites, wire });
  const message2 = wire(2, begun.message2);
  const received2 = await processMessage2(begun.initiator, message2, resolveAmong(hospital));
  const third = await createMessage3(received2.state, device.own);
  const message3 = wire(3, third.message3);
  const received3 = await processMessage3(begun.responder, message3, resolveAmong(device));
  const fourth = await createMessage4(received3.state, { ead4: [GRANT] });
  const received4 = await processMessage4(third.state, wire(4, fourth.message4));
  const noContext = new Uint8Array();
  return [
    await received4.exporter(32768, noContext, 32),
    await received3.exporter(32768, noContext, 32),
  ];
}
