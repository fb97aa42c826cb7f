import path from "node:path";
import type { FinishedKek, KekStatus, Recovery, RotatedKek, RotateKek } from "@siphms/api";
import { toHex } from "@siphms/cose";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, type AuditEntry } from "../audit/index.ts";
import type { Database, Queryable } from "../database/index.ts";
import {
  createKek,
  createRecovery,
  dropOtherWrappedKeys,
  KeyError,
  kekSourceText,
  loadKek,
  moveSuccessorIn,
  parseKekSource,
  prepareSuccessor,
  readWrappedKeys,
  storeWrappedKey,
  type Kek,
  type KekOptions,
  type KekSource,
  type Keyring,
} from "../keys/index.ts";

/**
 * What the operator does about the key-encryption key, while the hospital runs: it holds the installation key and needs the
 * key-encryption key at its start alone.
 *
 * A rotation has three steps: the new key opens too; the source gives the new key; the old one opens no more. Killed after
 * any of them, what the source gives opens, and the rotation can be begun again or finished.
 */
export interface KekDesk {
  status(): Promise<KekStatus>;
  /**
   * Takes all three steps where the key lies in a file of ours and stays there. With `to` only the first: the second is to
   * start the hospital with the settings that the answer names, the third {@link finish}.
   *
   * @throws {KeyError}
   */
  rotate(wanted: RotateKek, actor: string): Promise<RotatedKek>;
  /**
   * Takes the third step: keeps the key that the source gives now, and no other.
   *
   * @throws {KeyError} `KEK_WRONG` where that does not open, as {@link loadKek}
   */
  finish(actor: string): Promise<FinishedKek>;
  /** Makes a recovery file. @throws {KeyError} `KEK_MALFORMED` */
  exportRecovery(passphrase: string, actor: string): Promise<Recovery>;
}

/** What the desk needs of the rest. */
export interface KekDeskPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly hospitalId: string;
  /** Where the next start takes the key from. */
  readonly source: KekSource;
  readonly options: KekOptions;
}

/** Any two rotations of one database meet at this lock. The number has no meaning but to be the same everywhere. */
const LOCK = 7_354_004;

/** Makes the desk; nothing is read yet. */
export function createKekDesk(ports: KekDeskPorts): KekDesk {
  let last: Promise<unknown> = Promise.resolve();
  /**
   * One after the other, in this process and among all on the database: two at once would take each other's file for their
   * own, and one's row away that the other counts on.
   */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(() =>
      ports.database.withTransaction(async (tx) => {
        await tx.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
        return work();
      }),
    );
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    status: () => statusOf(ports),
    rotate: (wanted, actor) =>
      inTurn(() => {
        const target = targetOf(wanted, ports);
        return target === undefined
          ? rotateInPlace(ports, actor)
          : addTarget(ports, { ...target, actor });
      }),
    finish: (actor) => inTurn(() => finish(ports, actor)),
    exportRecovery: (passphrase, actor) => exportRecovery(ports, { passphrase, actor }),
  };
}

async function statusOf({ database, keyring, source, options }: KekDeskPorts): Promise<KekStatus> {
  const rows = await readWrappedKeys(database);
  const keys = rows.map((row) => ({ fingerprint: toHex(row.kek), created: row.createdAt }));
  const shared = { source: source.kind, adopted: keyring.isAdopted, keys };
  try {
    const kek = await loadKek(source, options);
    const current = toHex(keyring.fingerprintOf(kek));
    return { ...shared, current, opens: keyring.isOpenedBy(kek, rows) };
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    return { ...shared, opens: false, fault: `${error.message} (${error.code})` };
  }
}

interface Target {
  readonly source: KekSource;
  readonly options: KekOptions;
}

/** Where the key is to come from; `undefined` for where it comes from already. */
function targetOf(wanted: RotateKek, { source, options }: KekDeskPorts): Target | undefined {
  if (wanted.to === undefined) return undefined;
  const target = parseTarget(wanted.to);
  const place = target.kind === "command" ? target.program : target.path;
  if (target.kind === "recovery" || !path.isAbsolute(place)) {
    throw new KeyError(
      "KEK_MALFORMED",
      "the new source must be file:PATH, passphrase:PATH or command:PROGRAM ARGUMENTS, with an absolute path",
    );
  }
  const isSame = kekSourceText(absolute(source)) === kekSourceText(target);
  if (isSame && wanted.passphraseFile === undefined) return undefined;
  const passphraseFile = wanted.passphraseFile ?? options.passphraseFile;
  return { source: target, options: { ...options, passphraseFile } };
}

function parseTarget(text: string): KekSource {
  try {
    return parseKekSource(text);
  } catch (cause) {
    const rule = cause instanceof Error ? cause.message : "is in no known form";
    throw new KeyError("KEK_MALFORMED", `the new source ${rule}`, { cause });
  }
}

function absolute(source: KekSource): KekSource {
  return source.kind === "command" ? source : { ...source, path: path.resolve(source.path) };
}

async function addTarget(
  ports: KekDeskPorts,
  { source, options, actor }: Target & { readonly actor: string },
): Promise<RotatedKek> {
  await createKek(source, options);
  const kek = await loadKek(source, options);
  await add(ports, kek, actor);
  const { passphraseFile } = options;
  return {
    fingerprint: toHex(ports.keyring.fingerprintOf(kek)),
    settings: {
      SIPHMS_HOSPITAL_KEK: kekSourceText(source),
      ...(source.kind === "passphrase" && passphraseFile !== undefined
        ? { SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE: passphraseFile }
        : {}),
    },
    dropped: [],
  };
}

async function rotateInPlace(ports: KekDeskPorts, actor: string): Promise<RotatedKek> {
  const { source, options, keyring } = ports;
  if (source.kind === "command" || source.kind === "recovery") {
    throw new KeyError(
      "KEK_MALFORMED",
      `the key comes from a ${source.kind === "command" ? "command" : "recovery file"}, whose place no new one can take; name another source with --to`,
    );
  }
  const old = await loadKek(source, options);
  await requireOpens(ports.database, keyring, old);
  const next = await prepareSuccessor(source, options);
  await add(ports, next, actor);
  const retired = await moveSuccessorIn(source, toHex(keyring.fingerprintOf(old)));
  return { ...(await finish(ports, actor)), settings: {}, retired };
}

async function add(
  { database, keyring, clock }: KekDeskPorts,
  kek: Kek,
  actor: string,
): Promise<void> {
  const now = clock.now();
  const row = keyring.wrapUnder(kek);
  await database.withTransaction(async (tx) => {
    if (!(await storeWrappedKey(tx, row, now))) return;
    await appendAudit(tx, [
      {
        ...{ at: now, event: "hospital.kek-added", actor, object: nameOf(row.kek) },
        ...{ action: "create", outcome: "done" },
      },
    ]);
  });
}

async function finish(ports: KekDeskPorts, actor: string): Promise<FinishedKek> {
  const { database, keyring, clock, source, options } = ports;
  // Read anew: what is kept must be what the next start will get.
  const kek = await loadKek(source, options);
  const fingerprint = keyring.fingerprintOf(kek);
  const at = clock.now();
  const dropped = await database.withTransaction(async (tx) => {
    await requireOpens(tx, keyring, kek);
    const gone = await dropOtherWrappedKeys(tx, fingerprint);
    const entries = gone.map((one): AuditEntry => ({
      ...{ at, event: "hospital.kek-retired", actor, object: nameOf(one) },
      ...{ action: "delete", outcome: "done" },
    }));
    await appendAudit(tx, entries);
    return gone.map((one) => toHex(one));
  });
  return { fingerprint: toHex(fingerprint), dropped };
}

/** What a recovery file carries is no row of the database, which would be left with none. */
async function requireOpens(queryable: Queryable, keyring: Keyring, kek: Kek): Promise<void> {
  if (isCarried(kek)) {
    throw new KeyError(
      "KEK_WRONG",
      "the hospital was started with a recovery file; make a key of its own with siphms keys rotate --kek --to and start it with that",
    );
  }
  if (keyring.isOpenedBy(kek, await readWrappedKeys(queryable))) return;
  throw new KeyError(
    "KEK_WRONG",
    "the source that the settings name gives a key that does not open this database; nothing was changed",
  );
}

async function exportRecovery(
  { database, keyring, clock, hospitalId }: KekDeskPorts,
  { passphrase, actor }: { readonly passphrase: string; readonly actor: string },
): Promise<Recovery> {
  const file = await createRecovery({ passphrase, hospitalId }, (kek) => keyring.wrapUnder(kek));
  await database.withTransaction((tx) =>
    appendAudit(tx, [
      {
        ...{ at: clock.now(), event: "hospital.recovery-exported", actor },
        object: `installation-key:${toHex(keyring.fingerprint)}`,
        ...{ action: "read", outcome: "done" },
      },
    ]),
  );
  return { file };
}

function isCarried(kek: Kek): boolean {
  return kek.carried !== undefined;
}

/** How the audit log names a key-encryption key. */
function nameOf(fingerprint: Uint8Array): string {
  return `kek:${toHex(fingerprint)}`;
}
