import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, beginLog, beginNextLog, createAuditWriter } from "../audit/index.ts";
import {
  grantWithin,
  migrateWithin,
  requireKnownMigrations,
  withCopyTransaction,
  type AuditSink,
  type CopyTransaction,
} from "../database/index.ts";
import { storeWrappedKey, type Kek, type Keyring } from "../keys/index.ts";
import { hasRoot } from "./audit-root.ts";
import type { PartHeader, PartMeta, StoredTable } from "./description.ts";
import { BackupError } from "./error.ts";
import { keepColumns } from "./keep-columns.ts";
import { partFile } from "./names.ts";
import { drain, readHeader, readPart, type PartTable } from "./part-file.ts";
import { openHeader } from "./secrets.ts";
import { copyIn, digestOf, nameOf, quoted, readTables } from "./tables.ts";
import { createTupleDigest, type TableDigest } from "./tuple-digest.ts";

/** What restoring needs. */
export interface RestorePorts {
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  /** The key-encryption key of the restored hospital. */
  readonly kek: Kek;
}

/** What is restored, and where to. */
export interface Restoring {
  /** The backup's folder. */
  readonly folder: string;
  /** Another backup's folder whose keys are taken in place of its own: whoever was erased since stays erased. */
  readonly keysFrom?: string | undefined;
  /** `postgres://…` of the role that is to own the schema, on an empty database. */
  readonly adminUrl: string;
  /** The role of the running hospital. */
  readonly serviceRole: string;
}

/** What was restored. */
export interface Restored {
  readonly backup: string;
  readonly hospital: string;
  readonly madeAt: number;
  readonly rows: number;
  /** Tables and columns that no migration knows: somebody made them beside the hospital. They were left out. */
  readonly leftOut: readonly string[];
  /** The rows of each table, by `schema.table`. */
  readonly tables: Readonly<Record<string, number>>;
  readonly auditSize: number | undefined;
  /**
   * Whether the audit log is the one that its newest head is about. Where it is not, it was altered before the backup was made:
   * the records are restored all the same, because whoever can alter a row must not be able to take every backup away.
   */
  readonly auditIntact: boolean;
  readonly durationMs: number;
}

/**
 * Restores a backup into an empty database: all of it in one transaction, so that whatever ends this, nothing is there.
 *
 * Both files are read to their end before anything is written; what was loaded is then compared with them, row by row, and
 * the audit log with its newest head. Every session is closed, and the audit log goes on under the next origin: its witness
 * has seen more than is restored.
 *
 * @throws {BackupError} `BACKUP_MISSING`, `BACKUP_ALTERED`, `BACKUP_KEK_WRONG`, `BACKUP_OTHER_HOSPITAL`, `BACKUP_TOO_NEW`,
 *   `RESTORE_TARGET_NOT_EMPTY`, `RESTORE_INCOMPLETE`
 * @throws {DatabaseError} `DATABASE_UNREACHABLE`
 */
export async function restoreBackup(wanted: Restoring, ports: RestorePorts): Promise<Restored> {
  const began = ports.clock.now();
  const backup = await readWhole(wanted, ports);
  const { keyring, header, records } = backup;
  const audit = createAuditWriter({ keyring, crypto: ports.crypto });
  const options = { url: wanted.adminUrl, kind: "write", audit } as const;
  const outcome = await withCopyTransaction(options, async (tx) => {
    await requireEmpty(tx);
    const leftOut = await load(tx, backup);
    const { checkpoint } = records.meta;
    const isIntact = checkpoint === null || (await hasRoot(tx, checkpoint));
    await makeUsable(tx, wanted, { ...ports, backup });
    return { auditIntact: isIntact, leftOut };
  });
  const tables = [...records.tables, ...backup.keys.tables];
  return {
    backup: header.backup,
    hospital: header.hospital,
    madeAt: header.madeAt,
    tables: Object.fromEntries(tables.map(({ table, rows }) => [nameOf(table), rows])),
    rows: tables.reduce((sum, table) => sum + table.rows, 0),
    auditSize: records.meta.checkpoint?.size,
    ...outcome,
    durationMs: ports.clock.now() - began,
  };
}

interface OpenedPart {
  readonly file: string;
  readonly identity: string;
  readonly meta: PartMeta;
  readonly tables: readonly PartTable[];
}

interface WholeBackup {
  readonly header: PartHeader;
  readonly keyring: Keyring;
  readonly records: OpenedPart;
  readonly keys: OpenedPart;
}

/** Nothing is written before both parts were read to their end. */
async function readWhole(
  { folder, keysFrom }: Restoring,
  { kek, crypto }: RestorePorts,
): Promise<WholeBackup> {
  const [records, keys] = [partFile(folder, "records"), partFile(keysFrom ?? folder, "keys")];
  const header = await readHeader(records);
  const keysHeader = await readHeader(keys);
  requireFitting(header, keysHeader, keysFrom !== undefined);
  const opened = openHeader(header, { kek, crypto, more: keysHeader });
  const openedKeys = openHeader(keysHeader, { kek, crypto, more: header });
  return {
    header,
    keyring: opened.keyring,
    records: await readOpened(records, opened.identity),
    keys: await readOpened(keys, openedKeys.identity),
  };
}

function requireFitting(records: PartHeader, keys: PartHeader, isOther: boolean): void {
  const isFitting =
    records.part === "records" &&
    keys.part === "keys" &&
    records.hospital === keys.hospital &&
    // Older keys would not open whoever came later, and would bring back whoever was erased.
    (isOther ? keys.madeAt >= records.madeAt : records.backup === keys.backup);
  if (isFitting) return;
  throw new BackupError(
    "BACKUP_OTHER_HOSPITAL",
    "records and keys do not belong together: they come from two backups or two hospitals, or the keys are the older ones. Nothing was restored",
  );
}

async function readOpened(file: string, identity: string): Promise<OpenedPart> {
  const content = await readPart(file, identity);
  await requireKnownMigrations(content.meta.migrations).catch((cause: unknown) => {
    throw new BackupError(
      "BACKUP_TOO_NEW",
      "the backup was made by another release, whose tables this one does not know; restore it with that release",
      { cause },
    );
  });
  return { file, identity, ...content };
}

/** Whoever restores over something has usually taken the wrong address. */
async function requireEmpty(tx: CopyTransaction): Promise<void> {
  const { rows } = await tx.query(
    `SELECT EXISTS (
       SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     ) AS used`,
  );
  if (rows[0]?.boolean("used") === false) return;
  throw new BackupError(
    "RESTORE_TARGET_NOT_EMPTY",
    "there is something in this database already, and a backup is restored only into an empty one; nothing was changed. Make an empty database and try again",
  );
}

/**
 * The schema as it was, and every row; compared with the backup while both are at hand.
 *
 * @returns what was left out.
 */
async function load(
  tx: CopyTransaction,
  { records, keys }: WholeBackup,
): Promise<readonly string[]> {
  // Newer keys may come with a later schema; nothing of the records refers to them.
  const leftOut = [...(await loadPart(tx, records)), ...(await loadPart(tx, keys))];
  for (const { schema, name, value } of records.meta.sequences) {
    const sequence = quoted({ schema, name });
    await tx.query(
      "SELECT setval(to_regclass($1), $2) AS value WHERE to_regclass($1) IS NOT NULL",
      [sequence, value],
    );
  }
  return leftOut;
}

async function loadPart(tx: CopyTransaction, part: OpenedPart): Promise<readonly string[]> {
  const { migrations, months } = part.meta;
  await migrateWithin(tx, migrations.length);
  for (const month of months) {
    const day = `${month.replace("_", "-")}-01`;
    await tx.query("SELECT make_batches_month($1::date) AS made", [day]);
  }
  const there = await readTables(tx);
  const loads = part.tables.map(({ table }) => matchTable(table, there));
  for (const { known } of loads.toReversed()) {
    // Migrations put first rows into some tables; the backup has its own.
    if (known !== undefined) await tx.execute(`DELETE FROM ${quoted(known)}`);
  }
  const digests = new Map<string, TableDigest>();
  await readPart(part.file, part.identity, async (table, rows) => {
    const { known, kept } = matchTable(table, there);
    if (known === undefined) {
      await drain(rows);
      return;
    }
    const digest = createTupleDigest();
    await copyIn(tx, known, passing(keepColumns(rows, kept), digest));
    digests.set(nameOf(table), digest.end());
  });
  for (const { known } of loads) {
    if (known === undefined) continue;
    const [loaded, found] = [digests.get(nameOf(known)), await digestOf(tx, known)];
    if (loaded?.rows !== found.rows || loaded.digest !== found.digest) {
      throw incomplete(nameOf(known));
    }
  }
  return loads.flatMap(({ unknown }) => unknown);
}

interface TableMatch {
  /** The table with the columns that the schema knows; `undefined` where it does not know the table. */
  readonly known: StoredTable | undefined;
  /** Their places among the backup's columns. */
  readonly kept: readonly number[];
  /** What it does not know. */
  readonly unknown: readonly string[];
}

function matchTable(table: StoredTable, there: readonly StoredTable[]): TableMatch {
  const name = nameOf(table);
  const columns = there.find((one) => nameOf(one) === name)?.columns;
  if (columns === undefined) return { known: undefined, kept: [], unknown: [name] };
  const places = table.columns.map((_, place) => place);
  const kept = places.filter((place) => columns.includes(table.columns[place] ?? ""));
  return {
    known: { ...table, columns: table.columns.filter((column) => columns.includes(column)) },
    kept,
    unknown: table.columns
      .filter((column) => !columns.includes(column))
      .map((column) => `${name}.${column}`),
  };
}

async function* passing(
  rows: AsyncIterable<Uint8Array>,
  digest: { add(chunk: Uint8Array): void },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of rows) {
    digest.add(chunk);
    yield chunk;
  }
}

interface Finishing extends RestorePorts {
  readonly backup: WholeBackup;
}

/** Makes of the rows of another time, and another server, a hospital that can be started here and now. */
async function makeUsable(
  tx: CopyTransaction,
  { serviceRole }: Restoring,
  { backup, kek, crypto, clock }: Finishing,
): Promise<void> {
  const { header, keyring } = backup;
  const now = clock.now();
  await migrateWithin(tx);
  // It names a transaction of the old server: here that number may be far away, and nothing would be evaluated until then.
  await tx.execute("UPDATE alert_progress SET fence_id = NULL, fence_xid = NULL");
  // Newer keys may be of patients who were registered after these records.
  await tx.execute(
    "DELETE FROM keystore.patient_keys WHERE patient_id NOT IN (SELECT id FROM patients)",
  );
  // A recovery file opens it as it is, and is no key that a hospital goes on with.
  if (kek.carried === undefined) await storeWrappedKey(tx, keyring.wrapUnder(kek), now);
  await grantWithin(tx, serviceRole);
  const { hospital: hospitalId } = header;
  const ports = { keyring, crypto };
  // A backup from before there was a log has none to go on with.
  if (!(await beginLog(tx, { hospitalId, now }, ports))) {
    await beginNextLog(tx, { hospitalId, now, actor: "operator", why: "restored" }, ports);
  }
  await appendAudit(tx, [restoredEntry(header, now)]);
  await tx.execute("ANALYZE");
}

function restoredEntry(header: PartHeader, at: number): Parameters<AuditSink["append"]>[1][number] {
  return {
    at,
    event: "hospital.restored",
    actor: "operator",
    object: header.backup,
    action: "create",
    outcome: "done",
    detail: { madeAt: header.madeAt },
  };
}

function incomplete(what: string): BackupError {
  return new BackupError(
    "RESTORE_INCOMPLETE",
    `${what} is not what the backup holds; everything was undone. The database changed it while it was loaded: use another server, and look at its log`,
  );
}
