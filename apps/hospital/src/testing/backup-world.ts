import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createTestDatabase, type TestDatabase } from "@siphms/testkit";
import pg from "pg";
import { createSequencer } from "../audit/index.ts";
import {
  makeBackup,
  restoreBackup,
  type BackupPorts,
  type MadeBackup,
  type Restored,
} from "../backup/index.ts";
import { runUpkeep } from "../ingest/index.ts";
import {
  bindDevice,
  createHospitalWorld,
  HOSPITAL,
  log,
  storeBatch,
  addPatient,
  type HospitalWorld,
  type TestDevice,
} from "./hospital-world.ts";

const DAY_MS = 86_400_000;

/** A hospital with something in it, and a folder for its backups. */
export interface BackupWorld extends HospitalWorld {
  readonly backups: string;
  readonly patientId: string;
  readonly phone: TestDevice;
  /** Stores one more message of readings. */
  store(): Promise<void>;
  /** Brings the audit log's tree up to date. */
  sequence(): Promise<void>;
  /** Makes a backup; with other ports where some are given. */
  backUp(change?: Partial<BackupPorts>): Promise<MadeBackup>;
  /** Restores into a database of its own, under this hospital's key-encryption key unless another one is given. */
  restore(
    folder: string,
    target: TestDatabase,
    change?: Partial<Parameters<typeof restoreBackup>[0] & Parameters<typeof restoreBackup>[1]>,
  ): Promise<Restored>;
}

/** Makes one: a patient with a phone, messages of two months, an audit log with a checkpoint. */
export async function createBackupWorld(): Promise<BackupWorld> {
  const world = await createHospitalWorld();
  const { database, keyring, crypto, clock, kek, test } = world;
  const backups = await mkdtemp(path.join(tmpdir(), "siphms-backups-"));
  const patientId = randomUUID();
  await runUpkeep({ database, clock, log, eraseSessions: () => Promise.resolve(0) });
  await addPatient(world, { id: patientId, mrn: "B-1" });
  const phone = await bindDevice(world, patientId, { state: "active" });
  const sequencer = createSequencer({ database, keyring, clock, log });
  const store = async (receivedAt = clock.now()): Promise<void> => {
    const series = [{ kind: 1, start: receivedAt, step: 0, values: [70], origin: 0 }] as const;
    await storeBatch(world, phone, { receivedAt, series });
  };
  await store(clock.now() - 40 * DAY_MS);
  await store();
  await sequencer.run();
  return {
    ...world,
    ...{ backups, patientId, phone },
    store: () => store(),
    sequence: () => sequencer.run(),
    backUp: (change = {}) =>
      makeBackup({
        ...{ databaseUrl: test.url, keyring, crypto, clock, backups },
        hospitalId: HOSPITAL.hospitalId,
        begun: () => Promise.resolve(),
        ...change,
      }),
    restore: (folder, target, change = {}) =>
      restoreBackup(
        {
          ...{ folder, adminUrl: target.adminUrl },
          serviceRole: new URL(target.url).username,
          ...change,
        },
        { kek, crypto, clock, ...change },
      ),
    async close() {
      await sequencer.stop();
      await world.close();
      await rm(backups, { recursive: true });
    },
  };
}

/** An empty database to restore into, dropped by the caller. */
export function emptyDatabase(): Promise<TestDatabase> {
  return createTestDatabase();
}

/** Asks a database as its owner. */
export async function askAsOwner(
  { adminUrl }: TestDatabase,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** How many relations somebody made in a database: none in an empty one. */
export async function relationsIn(target: TestDatabase): Promise<number> {
  const rows = await askAsOwner(
    target,
    `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
  );
  return rows.length;
}
