import { createHash } from "node:crypto";
import { LOG_EVENTS } from "@siphms/audit";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Database, Queryable, Transaction } from "../database/index.ts";
import { retireCurrentKey, type Keyring } from "../keys/index.ts";
import { readNewestCheckpoint, storeCheckpoint, type LogHead } from "./checkpoints.ts";
import { AuditLogError } from "./error.ts";
import { appendAudit } from "./events.ts";
import { NO_TREE, treeToGoOnFrom } from "./known-tree.ts";
import { createLogKey, numberOf, openCurrentLogKey, originOf, readLogKeys } from "./log-keys.ts";
import { lockLog } from "./log-lock.ts";

interface Ports {
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
}

/** What was recorded before there was a log. */
export interface EarlierRows {
  readonly count: number;
  /** A chain over all of them, in hex: SHA-256 of nothing, then for each row of the hash before and the row. */
  readonly hash: string;
}

/** Such rows up to one of them, from where hashing goes on. */
export interface EarlierRowsSoFar extends EarlierRows {
  /** The id of the last one. */
  readonly after: number;
}

const MS_PER_S = 1000;
const PAGE = 2000;

/**
 * Begins the log of an installation that has none: makes its key, and notes as its first entry what was recorded before.
 *
 * @returns false where there is one already; nothing is changed then.
 */
export async function beginLog(
  tx: Transaction,
  { hospitalId, now }: { readonly hospitalId: string; readonly now: number },
  ports: Ports,
): Promise<boolean> {
  await lockLog(tx);
  if ((await readLogKeys(tx, ports.keyring)).length > 0) return false;
  const { count, hash } = await hashEarlierRows(tx);
  await createLogKey(tx, { origin: originOf(hospitalId, 1), now }, ports);
  await appendAudit(tx, [
    {
      ...{ at: now, event: LOG_EVENTS.began, actor: "hospital" },
      object: describeEarlierRows({ count, hash }),
      action: "create",
      outcome: "done",
    },
  ]);
  return true;
}

/** As {@link beginLog}, for a program that starts on an installation of an earlier release. */
export async function ensureLog(
  database: Database,
  input: { readonly hospitalId: string; readonly now: number },
  ports: Ports,
): Promise<boolean> {
  if ((await openCurrentLogKey(database, ports.keyring)) !== undefined) return false;
  return database.withTransaction((tx) => beginLog(tx, input, ports));
}

/**
 * Lets another key sign the log from now on, under the next origin. The tree goes on: the last head under the old key and
 * the first under the new one are the same.
 *
 * A hospital that was restored from a backup must: its witnesses have seen a larger tree under the old origin. The number is
 * then one that no log of it has had, whatever happened after the backup.
 *
 * @throws {AuditLogError} `LOG_ALTERED` where the stored log is not the one that was signed: the next key must not sign it
 *   either. A restored hospital gets its key all the same, without a head: its patients come first, and nothing more of that
 *   log is signed.
 * @throws {KeyError} `ROW_ALTERED`, `CELL_UNAUTHENTIC`
 */
export async function beginNextLog(
  tx: Transaction,
  input: {
    readonly hospitalId: string;
    readonly now: number;
    /** As entries name them. */
    readonly actor: string;
    readonly why: "restored" | "rotated";
  },
  ports: Ports,
): Promise<{ readonly origin: string; readonly vkey: string }> {
  const { hospitalId, now, actor, why } = input;
  await lockLog(tx);
  const newest = await readSoundHead(tx, ports, why);
  const last = Math.max(
    0,
    ...(await readLogKeys(tx, ports.keyring)).map((key) => numberOf(key.origin)),
  );
  const next = why === "rotated" ? last + 1 : Math.max(last + 1, Math.floor(now / MS_PER_S));
  await retireCurrentKey(tx, ports.keyring, { purpose: "log", now, validUntil: null });
  const key = await createLogKey(tx, { origin: originOf(hospitalId, next), now }, ports);
  await appendAudit(tx, [
    {
      ...{ at: now, event: LOG_EVENTS.keyRotated, actor, object: key.vkey },
      action: "create",
      outcome: "done",
      detail: { why },
    },
  ]);
  if (newest !== undefined) {
    const { size, root, doneId } = newest;
    await storeCheckpoint(tx, { head: { size, root }, key, doneId, now });
  }
  return { origin: key.origin, vkey: key.vkey };
}

/** The newest head, once it is sure that the current key has signed it and the stored tree is the one that it names. */
async function readSoundHead(
  tx: Transaction,
  { keyring }: Ports,
  why: "restored" | "rotated",
): Promise<LogHead | undefined> {
  const newest = await readNewestCheckpoint(tx);
  const key = await openCurrentLogKey(tx, keyring);
  if (key === undefined) return undefined;
  try {
    await treeToGoOnFrom(tx, newest, { known: NO_TREE, key });
    return newest;
  } catch (error) {
    if (error instanceof AuditLogError && why === "restored") return undefined;
    throw error;
  }
}

/** Before the first of them. A row with a number that none gets by itself is one of them too. */
export const NO_EARLIER_ROWS: EarlierRowsSoFar = {
  after: Number.MIN_SAFE_INTEGER,
  count: 0,
  hash: createHash("sha256").digest("hex"),
};

/** Hashes the rows that have no entry: those from before the log. */
export async function hashEarlierRows(queryable: Queryable): Promise<EarlierRows> {
  let page = await hashEarlierPage(queryable, NO_EARLIER_ROWS);
  while (page.hasMore) page = await hashEarlierPage(queryable, page.rows);
  return page.rows;
}

/** Hashes a page more of them. A chain, so that a comparison can go on where an earlier request has ended. */
export async function hashEarlierPage(
  queryable: Queryable,
  { after, count, hash }: EarlierRowsSoFar,
): Promise<{ readonly rows: EarlierRowsSoFar; readonly hasMore: boolean }> {
  const { rows } = await queryable.query(
    `SELECT id, jsonb_build_array(id, at, event, actor, subject, object, action, outcome, purpose, version, detail)::text
       AS line
     FROM audit_events WHERE entry = '' AND id > $1 ORDER BY id LIMIT $2`,
    [after, PAGE],
  );
  let last = Buffer.from(hash, "hex");
  for (const row of rows) {
    last = createHash("sha256")
      .update(last)
      .update(`${row.text("line")}\n`)
      .digest();
  }
  const soFar = {
    after: rows.at(-1)?.number("id") ?? after,
    count: count + rows.length,
    hash: last.toString("hex"),
  };
  return { rows: soFar, hasMore: rows.length === PAGE };
}

/** How the log's first entry names them. */
export function describeEarlierRows({ count, hash }: EarlierRows): string {
  return `rows:${String(count)}/${hash}`;
}
