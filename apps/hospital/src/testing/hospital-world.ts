import { randomBytes } from "node:crypto";
import type { DemoClock } from "@siphms/api";
import {
  createCredential,
  DEVICE_SUB,
  toHex,
  type Bytes,
  type Credential,
  type SigningKey,
} from "@siphms/cose";
import {
  createMessageId,
  encodeReadings,
  encodeReceipt,
  signMessage,
  TYP,
  type QuarantinedSample,
  type Series,
} from "@siphms/messages";
import { createNodeCrypto, type NodeCrypto } from "@siphms/node-crypto";
import { silentLogger } from "@siphms/server-kit";
import { createTestDatabase, FakeClock, type TestDatabase } from "@siphms/testkit";
import pg from "pg";
import { appendAudit, auditNameOfDevice, createAuditWriter } from "../audit/index.ts";
import {
  migrate,
  openDatabase,
  withAudit,
  type Database,
  type Transaction,
} from "../database/index.ts";
import {
  changeDevice,
  insertDevice,
  insertInvitation,
  type Device,
  type DeviceChange,
} from "../enrolment/index.ts";
import { createInstallation } from "../installation.ts";
import {
  batchCell,
  createInstallationKey,
  loadHospitalKeys,
  openKeyring,
  type HospitalKeys,
  type InstallationKey,
  type Kek,
  type Keyring,
} from "../keys/index.ts";
import { insertPatient } from "../patients/index.ts";

/** A hospital on a database of its own, for one test file. */
export interface HospitalWorld {
  readonly test: TestDatabase;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: FakeClock;
  readonly keys: HospitalKeys;
  /** What the keyring stands on, for a program of its own. */
  readonly installationKey: InstallationKey;
  /** What the installation key is stored under. */
  readonly kek: Kek;
  /** The keyring as a program has it that has just started, with nobody's key in memory. */
  reopenKeyring(): Keyring;
  /** Changes the database as somebody would who has its owner's password and no key. */
  tamper(sql: string, values?: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/** The hospital of the tests. */
export const HOSPITAL = { hospitalId: "test-hospital", hospitalName: "Test Hospital" };
export const CONSOLE_ORIGIN = "http://localhost:8090";
export const log = silentLogger;

/** Makes the database, migrates it as the owner and opens it as the service. */
export async function createHospitalWorld(): Promise<HospitalWorld> {
  const test = await createTestDatabase();
  const serviceRole = new URL(test.url).username;
  await migrate({ adminUrl: test.adminUrl, serviceRole });
  const crypto = createNodeCrypto();
  const kek = { bytes: new Uint8Array(randomBytes(32)) };
  const installationKey = createInstallationKey(crypto);
  const keyring = openKeyring(installationKey, crypto);
  const opened = await openDatabase({ url: test.url });
  const database = withAudit(opened, createAuditWriter({ keyring, crypto }));
  const clock = new FakeClock();
  await createInstallation(HOSPITAL, { database, keyring, kek, crypto, now: clock.now() });
  const keys = await loadHospitalKeys(database, HOSPITAL.hospitalId, { keyring, crypto });
  return {
    test,
    database,
    keyring,
    crypto,
    clock,
    keys,
    kek,
    installationKey,
    reopenKeyring: () => openKeyring(installationKey, crypto),
    async tamper(sql, values = []) {
      const client = new pg.Client({ connectionString: test.adminUrl });
      await client.connect();
      try {
        await client.query(sql, [...values]);
      } finally {
        await client.end();
      }
    },
    async close() {
      await database.close();
      await test.drop();
    },
  };
}

/** Registers an invented patient. */
export async function addPatient(
  { database, keyring, clock }: HospitalWorld,
  patient: {
    readonly id: string;
    readonly mrn: string;
    readonly name?: string;
    readonly demo?: DemoClock;
  },
): Promise<void> {
  await database.withTransaction((tx) =>
    insertPatient(tx, keyring, {
      id: patient.id,
      demographics: {
        mrn: patient.mrn,
        name: patient.name ?? "Ada Invented",
        birthDate: "1950-07-01",
        sex: "F",
        problem: "Heart failure",
      },
      doctorId: null,
      source: null,
      demo: patient.demo ?? null,
      registeredAt: clock.now(),
    }),
  );
}

/** A device with its key, pending for a patient. */
export interface TestDevice {
  readonly device: Device;
  readonly credential: Credential;
  readonly key: SigningKey;
}

/** Binds a new device to a patient; it stays pending. */
export async function addDevice(world: HospitalWorld, patientId: string): Promise<TestDevice> {
  const { database, keyring, crypto, clock } = world;
  const key = await crypto.generateSigningKey();
  const credential = await createCredential(DEVICE_SUB, key.publicPoint, crypto);
  const device = await database.withTransaction(async (tx) => {
    const invitation = await insertInvitation(tx, keyring, {
      token: crypto.randomBytes(16),
      patientId,
      createdAt: clock.now(),
      createdBy: "operator",
      handedOver: "link",
      expiresAt: clock.now() + 1,
    });
    return insertDevice(tx, keyring, {
      kid: credential.kid,
      thumbprint: credential.thumbprint,
      credential: credential.bytes,
      patientId,
      invitationId: invitation.id,
      name: "kitchen phone",
      enrolledAt: clock.now(),
    });
  });
  return { device, credential, key };
}

/** Binds a new device to a patient and takes the binding further: `state: "active"` for one that can be used. */
export async function bindDevice(
  world: HospitalWorld,
  patientId: string,
  change: DeviceChange,
): Promise<TestDevice> {
  const bound = await addDevice(world, patientId);
  const device = await world.database.withTransaction((tx) =>
    changeDevice(tx, world.keyring, { device: bound.device, change }),
  );
  return { ...bound, device };
}

/** What a stored batch holds, and what its receipt says. */
export interface TestBatch {
  readonly series: readonly Series[];
  readonly receivedAt: number;
  readonly late?: boolean;
  readonly quarantined?: readonly QuarantinedSample[];
  readonly reason?: string;
  /** Waited for when all is written and nothing is committed. */
  readonly beforeCommit?: () => Promise<void>;
}

/** Stores a batch as ingest does, signed by the device and receipted by the hospital. */
export async function storeBatch(
  world: HospitalWorld,
  sender: TestDevice,
  batch: TestBatch,
): Promise<Bytes> {
  const item = await signBatch(world, sender, batch);
  await world.database.withTransaction(async (tx) => {
    await insertBatch(tx, { item, sender, batch }, world);
    await batch.beforeCommit?.();
  });
  return item.messageId;
}

async function insertBatch(
  tx: Transaction,
  { item, sender: { device }, batch }: Insertion,
  { keyring, keys }: HospitalWorld,
): Promise<void> {
  const { messageId } = item;
  const cipher = await keyring.patientCipher(tx, device.patientId);
  const total = batch.series.reduce((sum, series) => sum + series.values.length, 0);
  const reasons = reasonsOf(batch, total);
  await tx.query(
    `INSERT INTO batches (device_id, message_id, patient_id, start_at, end_at, kinds, samples,
       quarantined, late, outcome, reason, received_at, name, sealed, answer, hospital_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      device.id,
      messageId,
      device.patientId,
      Math.min(...batch.series.map(({ start }) => start)),
      Math.max(...batch.series.map(lastOf)),
      batch.series.reduce((mask, { kind }) => mask | (1 << kind), 0),
      total,
      [...reasons.values()].reduce((sum, count) => sum + count, 0),
      batch.late ?? false,
      outcomeOf(batch),
      batch.reason ?? null,
      batch.receivedAt,
      item.name,
      cipher.seal(batchCell("sealed", device.id, messageId), item.signed),
      cipher.seal(batchCell("answer", device.id, messageId), item.answer),
      keys.identity.id,
    ],
  );
  for (const [reason, samples] of reasons) {
    await tx.query(
      `INSERT INTO quarantine (device_id, message_id, reason, patient_id, samples, received_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [device.id, messageId, reason, device.patientId, samples, batch.receivedAt],
    );
  }
  await appendAudit(tx, [
    {
      at: batch.receivedAt,
      event: "readings.stored",
      actor: auditNameOfDevice(device.kid),
      subject: device.patientId,
      object: toHex(messageId),
      action: "create",
      outcome: "done",
    },
  ]);
}

interface Insertion {
  readonly item: Awaited<ReturnType<typeof signBatch>>;
  readonly sender: TestDevice;
  readonly batch: TestBatch;
}

async function signBatch(
  { crypto, keys }: HospitalWorld,
  { credential, key }: TestDevice,
  batch: TestBatch,
) {
  const { quarantined, reason, receivedAt } = batch;
  const messageId = createMessageId(receivedAt, crypto);
  const { signed, name } = await signMessage(
    {
      typ: TYP.readings,
      payload: encodeReadings({ messageId, created: receivedAt, series: batch.series }),
      sender: credential,
      recipientThumbprint: keys.identity.credential.thumbprint,
      key,
    },
    crypto,
  );
  const answer = await signMessage(
    {
      typ: TYP.receipt,
      payload: encodeReceipt({
        messageId,
        name,
        outcome: outcomeOf(batch),
        received: receivedAt,
        stored: receivedAt,
        ...(quarantined === undefined ? {} : { quarantined }),
        ...(reason === undefined ? {} : { reason }),
      }),
      sender: keys.identity.credential,
      recipientThumbprint: credential.thumbprint,
      key: keys.identity.key,
    },
    crypto,
  );
  return { messageId, name, signed, answer: answer.signed };
}

function outcomeOf({ quarantined, reason }: TestBatch): 0 | 1 | 2 {
  if (reason !== undefined) return 2;
  return quarantined === undefined ? 0 : 1;
}

function reasonsOf({ quarantined, reason }: TestBatch, total: number): Map<string, number> {
  const reasons = new Map<string, number>();
  if (reason !== undefined) reasons.set(reason, total);
  for (const [, , why] of quarantined ?? []) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  return reasons;
}

function lastOf(series: Series): number {
  const steps =
    series.deltas ?? series.values.map((_, index) => (index === 0 ? 0 : (series.step ?? 0)));
  return steps.reduce((at, delta) => at + delta, series.start);
}
