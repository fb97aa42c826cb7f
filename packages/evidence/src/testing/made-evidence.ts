import {
  createCredential,
  createWebCrypto,
  DEVICE_SUB,
  hospitalSub,
  type Bytes,
  type Credential,
  type Crypto,
  type SigningKey,
} from "@siphms/cose";
import {
  createMessageId,
  encodeReadings,
  encodeReceipt,
  encodeSigned,
  signMessage,
  TYP,
  type QuarantinedSample,
  type Series,
  type Typ,
} from "@siphms/messages";
import {
  prepareStatement,
  type EvidenceParts,
  type StatedDecision,
  type Statement,
} from "../index.ts";

/** Somebody who signs. */
export interface Signer {
  readonly key: SigningKey;
  readonly credential: Credential;
}

/** What a test can have otherwise. */
export interface EvidenceChanges {
  readonly hospitalId?: string;
  /** Of the statement, where the hospital's key was changed since the receipt. */
  readonly statementSigner?: Signer;
  /** Of the receipt, where it is not the key for which the message was signed. */
  readonly receiptSigner?: Signer;
  readonly messageTyp?: Typ;
  readonly receiptTyp?: Typ;
  readonly outcome?: 0 | 1 | 2 | 3;
  readonly reason?: string;
  readonly quarantined?: readonly QuarantinedSample[];
  readonly receiptName?: Bytes;
  readonly receiptMessageId?: Bytes;
  readonly decisions?: readonly StatedDecision[];
  /** Changes the statement before it is signed. */
  readonly state?: (statement: Statement) => Statement;
  readonly series?: readonly Series[];
  /** ms. */
  readonly received?: number;
}

/** A piece of evidence with the keys that made it. */
export interface MadeEvidence {
  readonly parts: EvidenceParts;
  readonly device: Signer;
  readonly hospital: Signer;
  readonly messageId: Bytes;
}

const START = Date.UTC(2026, 0, 5, 8, 30);
const CREATED = START + 600_000;

/** Three heart rates, of which none was worth a remark, and a pressure. */
export const SERIES: readonly Series[] = [
  { kind: 1, start: START, step: 60_000, values: [72, 74, 190], origin: 0 },
  { kind: 2, start: START, step: 0, values: [[122, 78, 93]], origin: 1 },
];

/** Makes somebody who signs. */
export async function newSigner(sub: string, crypto: Crypto): Promise<Signer> {
  const key = await crypto.generateSigningKey();
  return { key, credential: await createCredential(sub, key.publicPoint, crypto) };
}

/** Makes a piece of evidence as a device and a hospital would, of invented people. */
export async function makeEvidence(changes: EvidenceChanges = {}): Promise<MadeEvidence> {
  const crypto = createWebCrypto();
  const { hospitalId = "test-hospital" } = changes;
  const device = await newSigner(DEVICE_SUB, crypto);
  const hospital = await newSigner(hospitalSub(hospitalId), crypto);
  const made: Making = { changes, device, hospital, crypto };
  const message = await signReadings(made);
  const receipt = await signReceipt(message, made);
  const signer = changes.statementSigner ?? hospital;
  const keys = [...new Set([hospital, changes.receiptSigner ?? hospital, signer])];
  const statement = await signStatement(
    {
      made: CREATED + 86_400_000,
      hospitalId,
      hospitalName: "Test Hospital",
      hospitalKeys: keys.map(({ credential }) => credential.thumbprint),
      message: message.name,
      receipt: receipt.name,
      patient: { mrn: "TEST-1", name: "Ada Invented", birthDate: "1950-07-01" },
      binding: {
        state: "active",
        enrolled: START - 86_400_000,
        deviceName: "kitchen phone",
        confirmed: { at: START - 86_000_000, by: "Nurse Invented" },
      },
      decisions: changes.decisions ?? [],
    },
    signer,
    made,
  );
  const parts = {
    device: device.credential.bytes,
    hospital: keys.map(({ credential }) => credential.bytes),
    message: message.signed,
    receipt: receipt.signed,
    statement,
  };
  return { parts, device, hospital, messageId: message.messageId };
}

interface Making {
  readonly changes: EvidenceChanges;
  readonly device: Signer;
  readonly hospital: Signer;
  readonly crypto: Crypto;
}

async function signReadings({ changes, device, hospital, crypto }: Making) {
  const messageId = createMessageId(CREATED, crypto);
  const series = changes.series ?? SERIES;
  const signed = await signMessage(
    {
      typ: changes.messageTyp ?? TYP.readings,
      payload: encodeReadings({ messageId, created: CREATED, series }),
      sender: device.credential,
      recipientThumbprint: hospital.credential.thumbprint,
      key: device.key,
    },
    crypto,
  );
  return { ...signed, messageId };
}

async function signReceipt(
  message: { readonly messageId: Bytes; readonly name: Bytes },
  { changes, device, hospital, crypto }: Making,
) {
  const { reason, quarantined, outcome = 0 } = changes;
  const signer = changes.receiptSigner ?? hospital;
  const payload = encodeReceipt({
    messageId: changes.receiptMessageId ?? message.messageId,
    name: changes.receiptName ?? message.name,
    outcome,
    received: changes.received ?? CREATED + 1000,
    stored: CREATED + 1020,
    ...(quarantined === undefined ? {} : { quarantined }),
    ...(reason === undefined ? {} : { reason }),
  });
  return signMessage(
    {
      typ: changes.receiptTyp ?? TYP.receipt,
      payload,
      sender: signer.credential,
      recipientThumbprint: device.credential.thumbprint,
      key: signer.key,
    },
    crypto,
  );
}

async function signStatement(
  statement: Statement,
  signer: Signer,
  { changes, device, crypto }: Making,
): Promise<Bytes> {
  const stated = changes.state?.(statement) ?? statement;
  const unsigned = prepareStatement(stated, signer.credential, device.credential.thumbprint);
  return encodeSigned(unsigned, await crypto.sign(signer.key, unsigned.text));
}
