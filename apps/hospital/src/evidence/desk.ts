import type { Evidence, EvidenceFile } from "@siphms/api";
import {
  DEVICE_SUB,
  equalBytes,
  parseCredential,
  toBase64Url,
  toHex,
  type Bytes,
  type Credential,
} from "@siphms/cose";
import {
  encodeEvidence,
  parseEvidence,
  prepareStatement,
  verifyEvidence,
  type Statement,
  type VerifiedEvidence,
} from "@siphms/evidence";
import { encodeSigned, MessageError, parseSigned, prepareVerifying } from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import { listDevicesOfPatient, openDeviceName, type Device } from "../enrolment/index.ts";
import type { HospitalIdentity, HospitalKeys, Keyring } from "../keys/index.ts";
import type { Patient } from "../patients/index.ts";
import {
  describeDecided,
  loadDecisions,
  unsealBatch,
  type Decisions,
  type FoundMessage,
  type OpenedBatch,
  type Records,
} from "../records/index.ts";
import { readStaffNames } from "../staff/index.ts";

/** Names a message of a patient. */
export interface NamedEvidence {
  readonly messageId: Bytes;
  /** The device's kid, base64url; needed only where two devices used one message-id. */
  readonly device?: string;
}

/** What asking for evidence came to. */
export type EvidenceOutcome =
  | { readonly kind: "evidence"; readonly evidence: Evidence; readonly file: EvidenceFile }
  /** Two devices of the patient used one message-id. */
  | { readonly kind: "ambiguous" }
  | { readonly kind: "unknown" };

/** The signed original of any reading, verified anew each time. */
export interface EvidenceDesk {
  read(patient: Patient, named: NamedEvidence): Promise<EvidenceOutcome>;
}

/** What the desk needs of the rest. */
export interface EvidenceDeskPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly records: Records;
  readonly keys: Pick<HospitalKeys, "identities" | "identity">;
  readonly hospital: { readonly id: string; readonly name: string };
}

const OUTCOMES = ["stored", "some-quarantined", "all-quarantined"] as const;

/** Joins evidence with its storage. */
export function createEvidenceDesk(ports: EvidenceDeskPorts): EvidenceDesk {
  return {
    async read(patient, named) {
      const { database, keyring, records } = ports;
      const devices = await listDevicesOfPatient(database, keyring, patient.id);
      const wanted = devices.find(({ kid }) => toBase64Url(kid) === named.device);
      if (named.device !== undefined && wanted === undefined) return { kind: "unknown" };
      const { messageId } = named;
      const name = wanted === undefined ? { messageId } : { messageId, deviceId: wanted.id };
      const [found, ...others] = await records.messages(patient, [name]);
      if (others.length > 0) return { kind: "ambiguous" };
      const device = devices.find(({ id }) => id === found?.batch.deviceId);
      if (found === undefined || device === undefined) return { kind: "unknown" };
      return { kind: "evidence", ...(await makeEvidence({ patient, device, found }, ports)) };
    },
  };
}

interface Case {
  readonly patient: Patient;
  readonly device: Device;
  readonly found: FoundMessage;
}

async function makeEvidence(
  one: Case,
  ports: EvidenceDeskPorts,
): Promise<{ readonly evidence: Evidence; readonly file: EvidenceFile }> {
  const { database, keyring, crypto, hospital } = ports;
  const { patient, device, found } = one;
  const cipher = await keyring.patientCipher(database, patient.id);
  const opened = unsealBatch(found.batch, cipher);
  const decisions = await loadDecisions(database, keyring, patient.id);
  const deviceName = await openDeviceName(database, keyring, device);
  const facts = await readFacts({ ...one, deviceName, decisions }, ports);
  const file = await makeFile({ device, opened, facts }, ports);
  // What leaves is looked at as anybody will look at it who has nothing but the file.
  const { checks, evidence: proven } = await verifyEvidence(() => parseEvidence(file), crypto);
  const { state, enrolled, confirmed, ended } = facts.binding;
  const evidence: Evidence = {
    checks: checks.map((check) => ({ ...check })),
    device: {
      kid: toBase64Url(device.kid),
      thumbprint: toHex(device.thumbprint),
      name: deviceName,
      state,
      enrolled,
      ...(confirmed === undefined ? {} : { confirmed }),
      ...(ended === undefined ? {} : { ended }),
    },
    hospital: { ...hospital, keys: describeKeys(proven) },
    message: describeMessage(opened),
    runs: await describeRuns(found, decisions),
  };
  return { evidence, file };
}

function describeKeys(proven: VerifiedEvidence | undefined): Evidence["hospital"]["keys"] {
  return (proven?.hospitalKeys ?? []).map(({ credential, uses }) => ({
    kid: toBase64Url(credential.kid),
    thumbprint: toHex(credential.thumbprint),
    uses: [...uses],
  }));
}

function describeMessage({ readings, receipt, signed }: OpenedBatch): Evidence["message"] {
  return {
    messageId: toBase64Url(readings.messageId),
    created: readings.created,
    received: receipt.received,
    stored: receipt.stored,
    outcome: OUTCOMES[receipt.outcome === 3 ? 2 : receipt.outcome],
    bytes: signed.length,
  };
}

async function describeRuns(
  { batch, runs }: FoundMessage,
  decisions: Decisions,
): Promise<Evidence["runs"]> {
  return Promise.all(runs.map((run) => describeDecided(run, batch, decisions)));
}

/** Everything that a statement says but the names of what it is about. */
type Facts = Omit<Statement, "binding" | "hospitalKeys" | "message" | "receipt"> & {
  readonly binding: Statement["binding"] & { readonly state: Device["state"] };
};

async function readFacts(
  {
    patient,
    device,
    found,
    deviceName,
    decisions,
  }: Case & {
    readonly deviceName: string;
    readonly decisions: Decisions;
  },
  { database, keyring, clock, hospital }: EvidenceDeskPorts,
): Promise<Facts> {
  const { mrn, name, birthDate } = patient.demographics;
  const { state, enrolledAt, confirmedAt, confirmedBy, endedAt } = device;
  const names = await readStaffNames(database, keyring);
  const by = confirmedBy ?? "";
  const decided: Facts["decisions"][number][] = [];
  const reasons = new Set(found.runs.flatMap(({ reason }) => reason ?? []));
  for (const reason of reasons) {
    const row = decisions.of(found.batch)?.(reason);
    if (row !== undefined) decided.push({ reason, ...(await decisions.describe(row)) });
  }
  return {
    made: clock.now(),
    hospitalId: hospital.id,
    hospitalName: hospital.name,
    patient: { mrn, name, birthDate },
    binding: {
      state,
      enrolled: enrolledAt,
      deviceName,
      ...(confirmedAt === null ? {} : { confirmed: { at: confirmedAt, by: names.get(by) ?? by } }),
      ...(endedAt === null ? {} : { ended: endedAt }),
    },
    decisions: decided,
  };
}

async function makeFile(
  {
    device,
    opened,
    facts,
  }: { readonly device: Device; readonly opened: OpenedBatch; readonly facts: Facts },
  { crypto, keys }: EvidenceDeskPorts,
): Promise<EvidenceFile> {
  const credential = await parseCredential(device.credential, DEVICE_SUB, crypto);
  const signer = keys.identity;
  const receiptKid = parseSigned(opened.answer).kid;
  const receiptKey =
    keys.identities.find((key) => equalBytes(key.credential.kid, receiptKid)) ?? signer;
  const message = await findRecipient(opened.signed, credential, { crypto, keys });
  const receipt = prepareVerifying(opened.answer, receiptKey.credential, credential.thumbprint);
  const used = [...new Set([message.key, receiptKey, signer])];
  const statement = prepareStatement(
    {
      ...facts,
      hospitalKeys: used.map((key) => key.credential.thumbprint),
      message: message.name,
      receipt: await crypto.sha256(receipt.text),
    },
    signer.credential,
    credential.thumbprint,
  );
  const signature = await crypto.sign(signer.key, statement.text);
  return encodeEvidence({
    device: credential.bytes,
    hospital: used.map((key) => key.credential.bytes),
    message: opened.signed,
    receipt: opened.answer,
    statement: encodeSigned(statement, signature),
  });
}

/**
 * The hospital's key for which a message was signed, and its name under it. Where none fits, which only a fault of ours can
 * bring about, the current one: the checks then say so.
 */
async function findRecipient(
  signed: Bytes,
  device: Credential,
  { crypto, keys }: Pick<EvidenceDeskPorts, "crypto" | "keys">,
): Promise<{ readonly key: HospitalIdentity; readonly name: Bytes }> {
  const verifyKey = await crypto.importVerifyKey(device.point);
  const candidates = [keys.identity, ...keys.identities];
  for (const key of candidates) {
    const text = textFor(signed, device, key);
    if (text === undefined) continue;
    const { signature } = parseSigned(signed).sign1;
    if (await crypto.verify(verifyKey, signature, text)) {
      return { key, name: await crypto.sha256(text) };
    }
  }
  return { key: keys.identity, name: await crypto.sha256(signed) };
}

function textFor(signed: Bytes, device: Credential, key: HospitalIdentity): Bytes | undefined {
  try {
    return prepareVerifying(signed, device, key.credential.thumbprint).text;
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}
