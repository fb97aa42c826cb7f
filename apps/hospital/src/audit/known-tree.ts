import { equalBytes } from "@siphms/cose";
import {
  createWebEd25519,
  EMPTY_EDGE,
  emptyRoot,
  loadEdge,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  proveConsistency,
  rootOfEdge,
  TlogError,
  verifyConsistency,
  verifyNote,
  type Bytes,
  type TreeEdge,
} from "@siphms/tlog";
import type { Queryable } from "../database/index.ts";
import type { LogHead } from "./checkpoints.ts";
import { AuditLogError } from "./error.ts";
import type { LogKey } from "./log-keys.ts";
import { createLogTiles } from "./log-tiles.ts";

/** The tree up to a head that this program has signed, or has looked at. */
export interface KnownTree {
  readonly edge: TreeEdge;
  readonly root: Bytes;
}

/** What a program knows that has just started. */
export const NO_TREE: KnownTree = { edge: EMPTY_EDGE, root: emptyRoot() };

const ed25519 = createWebEd25519();

/**
 * The tree to go on from: the one that this program knows, or where another program went on, the stored one.
 *
 * Nothing of the database is believed: the newest head must be signed by the current key, the stored tree must be the head's,
 * and it must begin with what this program knows. Else whoever can write rows could have any history signed.
 *
 * @throws {AuditLogError} `LOG_ALTERED`
 */
export async function treeToGoOnFrom(
  queryable: Queryable,
  newest: LogHead | undefined,
  { known, key }: { readonly known: KnownTree; readonly key: LogKey },
): Promise<KnownTree> {
  const { size } = known.edge;
  if (newest === undefined) {
    if (size > 0) throw new AuditLogError("its heads are gone");
    return NO_TREE;
  }
  if (newest.size < size) throw new AuditLogError("it is shorter than it was");
  await checkSigned(newest, key);
  if (newest.size === size) {
    if (!equalBytes(newest.root, known.root)) throw new AuditLogError("it is another one");
    return known;
  }
  return whereTilesFit(() => loadTree(queryable, newest, known));
}

/** Whether the stored tree is the one of its newest head, for whoever only looks. @throws {AuditLogError} `LOG_ALTERED` */
export async function checkStoredTree(queryable: Queryable, newest: LogHead): Promise<void> {
  await whereTilesFit(() => loadTree(queryable, newest, NO_TREE));
}

async function loadTree(
  queryable: Queryable,
  newest: LogHead,
  known: KnownTree,
): Promise<KnownTree> {
  const tiles = createLogTiles(queryable);
  const edge = await loadEdge(newest.size, tiles);
  const root = rootOfEdge(edge);
  if (!equalBytes(root, newest.root)) throw new AuditLogError("its entries are others");
  const sizes = { oldSize: known.edge.size, newSize: newest.size };
  const older = { size: known.edge.size, root: known.root };
  const proof = await proveConsistency(sizes, tiles);
  verifyConsistency({ older, newer: { size: newest.size, root }, proof });
  return { edge, root };
}

async function checkSigned({ note, keyId, size, root }: LogHead, key: LogKey): Promise<void> {
  try {
    const signed = parseNote(new TextEncoder().encode(note));
    await verifyNote(signed, [parseVerifierKey(key.vkey)], ed25519);
    const checkpoint = parseCheckpoint(signed.text);
    const isItsOwn = keyId === key.id && checkpoint.origin === key.origin;
    if (isItsOwn && checkpoint.size === size && equalBytes(checkpoint.root, root)) return;
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
  }
  throw new AuditLogError("its newest head is not signed by its key");
}

async function whereTilesFit<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw new AuditLogError("its tree does not fit", { cause });
  }
}
