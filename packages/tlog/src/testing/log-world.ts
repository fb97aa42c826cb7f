import type { Bytes } from "../bytes.ts";
import { encodeCheckpoint } from "../checkpoint.ts";
import type { NoteSigner } from "../ed25519.ts";
import type { SignedNote } from "../note.ts";
import { proveConsistency, rootFromTiles } from "../tree.ts";
import type { AddCheckpointRequest } from "../witness-request.ts";
import { signNote } from "../verify-note.ts";
import { memoryTiles, type MemoryTiles } from "./reference-tree.ts";
import { unsafeSigner } from "./signer.ts";

/** A small log that signs whatever it is asked to. */
export interface LogWorld {
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly tiles: MemoryTiles;
  /** Its checkpoint at a size; with another root, if one is given. */
  checkpoint(size: number, root?: Bytes): Promise<SignedNote>;
  /** A request to go on from one size to another. */
  request(oldSize: number, newSize: number): Promise<AddCheckpointRequest>;
}

/** Makes a log of these leaves with a fresh key. */
export async function createLogWorld(origin: string, leaves: readonly Bytes[]): Promise<LogWorld> {
  const signer = await unsafeSigner("ed25519", origin);
  const tiles = memoryTiles(leaves);
  const checkpoint = async (size: number, root?: Bytes): Promise<SignedNote> => {
    const stated = root ?? (await rootFromTiles(size, tiles));
    const text = encodeCheckpoint({ origin, size, root: stated, extensions: [] });
    return signNote({ text, signatures: [] }, signer);
  };
  const request = async (oldSize: number, newSize: number): Promise<AddCheckpointRequest> => ({
    oldSize,
    proof: await proveConsistency({ oldSize, newSize }, tiles),
    note: await checkpoint(newSize),
  });
  return { origin, signer, tiles, checkpoint, request };
}
