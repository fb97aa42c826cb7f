import { toHex } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import { generateX25519Identity } from "age-encryption";
import { withCopyTransaction, type CopyTransaction } from "../database/index.ts";
import { readWrappedKeys, type Keyring } from "../keys/index.ts";
import type { PartHeader, PartMeta, PartName, StoredTable } from "./description.ts";
import { BackupError } from "./error.ts";
import { publishBackup } from "./folder.ts";
import { partFile } from "./names.ts";
import { readPart, writePart } from "./part-file.ts";
import { sealIdentity } from "./secrets.ts";
import { copyOut, KEY_SCHEMA, readMonths, readSequences, readTables } from "./tables.ts";
import { writeMark } from "./whole-mark.ts";

/** What making a backup needs. */
export interface BackupPorts {
  /** `postgres://…` of the service's role: what it may read is all there is. */
  readonly databaseUrl: string;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly hospitalId: string;
  /** Where backups are kept. */
  readonly backups: string;
  /** Notes that a backup begins, by its id, before anything of it leaves the database; where that fails, nothing does. */
  readonly begun: (id: string) => Promise<void>;
}

/** A backup that was made, read back and found whole. */
export interface MadeBackup {
  readonly folder: string;
  readonly id: string;
  readonly madeAt: number;
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
  /** The audit log's size at its newest checkpoint; `undefined` where there is none yet. */
  readonly auditSize: number | undefined;
}

/**
 * Two of one database would take turns in clearing each other's unfinished folder away. The number is nobody else's: it is held
 * as long as a backup takes.
 */
const LOCK = 7_354_003;

/**
 * Makes a backup of one moment of the database while the hospital goes on, and reads it back.
 *
 * Neither the key-encryption key nor session keys are in it.
 *
 * @throws {BackupError} `BACKUP_NOT_WRITTEN`
 * @throws {DatabaseError} `DATABASE_UNREACHABLE`
 */
export async function makeBackup(ports: BackupPorts): Promise<MadeBackup> {
  const { clock, crypto, hospitalId, backups } = ports;
  const began = clock.now();
  const id = toHex(crypto.randomBytes(8));
  return withCopyTransaction({ url: ports.databaseUrl, kind: "snapshot" }, async (tx) => {
    await takeTurn(tx);
    const plan = await readPlan(tx);
    await ports.begun(id);
    const identity = await generateX25519Identity();
    const header = {
      format: "siphms backup 1",
      backup: id,
      hospital: hospitalId,
      madeAt: began,
      keys: plan.keys,
      identity: sealIdentity(ports.keyring, id, identity),
    } as const;
    const bytes = { keys: 0, records: 0 };
    let rowCount = 0;
    const folder = await publishBackup(
      backups,
      { id, madeAt: began, hospital: hospitalId },
      async (unfinished) => {
        for (const part of ["keys", "records"] as const) {
          const file = partFile(unfinished, part);
          const source = { header: { ...header, part }, ...contentOf(plan, part) };
          const rows = (table: StoredTable): AsyncIterable<Uint8Array> => copyOut(tx, table);
          bytes[part] = await writePart(file, { ...source, rows }, identity);
          // What cannot be read back is no backup.
          const { tables } = await readPart(file, identity);
          rowCount += tables.reduce((sum, table) => sum + table.rows, 0);
        }
        const { format, backup, hospital, madeAt } = header;
        const sizes = { keysBytes: bytes.keys, recordsBytes: bytes.records };
        await writeMark(unfinished, { format, backup, hospital, madeAt, ...sizes }, ports.keyring);
      },
    );
    const durationMs = clock.now() - began;
    const auditSize = plan.meta.checkpoint?.size;
    const written = { rows: rowCount, bytes: bytes.keys + bytes.records };
    return { folder, id, madeAt: began, ...written, durationMs, auditSize };
  });
}

async function takeTurn(tx: CopyTransaction): Promise<void> {
  const { rows } = await tx.query("SELECT pg_try_advisory_xact_lock($1) AS taken", [LOCK]);
  if (rows[0]?.boolean("taken") === true) return;
  throw new BackupError(
    "BACKUP_NOT_WRITTEN",
    "no backup was made: another one of this database is being made just now. Wait until it is done",
  );
}

interface Plan {
  readonly keys: PartHeader["keys"];
  readonly tables: readonly StoredTable[];
  readonly meta: PartMeta;
}

/** The first statement fixes the moment that all others see. */
async function readPlan(tx: CopyTransaction): Promise<Plan> {
  const wrapped = await readWrappedKeys(tx);
  return {
    keys: wrapped.map((row) => [toHex(row.kek), toHex(row.wrapped)]),
    tables: await readTables(tx),
    meta: {
      migrations: await readMigrations(tx),
      months: [...(await readMonths(tx))],
      sequences: [...(await readSequences(tx))],
      checkpoint: await readCheckpoint(tx),
    },
  };
}

function contentOf({ tables, meta }: Plan, part: PartName) {
  const isOfKeys = ({ schema }: StoredTable): boolean => schema === KEY_SCHEMA;
  return part === "keys"
    ? { tables: tables.filter(isOfKeys), meta: { ...meta, months: [], sequences: [] } }
    : { tables: tables.filter((table) => !isOfKeys(table)), meta };
}

async function readMigrations(tx: CopyTransaction): Promise<PartMeta["migrations"]> {
  const { rows } = await tx.query(
    "SELECT number, name, checksum FROM schema_migrations ORDER BY number",
  );
  return rows.map((row) => ({
    number: row.number("number"),
    name: row.text("name"),
    checksum: row.text("checksum"),
  }));
}

async function readCheckpoint(tx: CopyTransaction): Promise<PartMeta["checkpoint"]> {
  const { rows } = await tx.query(
    "SELECT size, root FROM audit_checkpoints ORDER BY id DESC LIMIT 1",
  );
  const [row] = rows;
  return row === undefined ? null : { size: row.number("size"), root: toHex(row.bytes("root")) };
}
