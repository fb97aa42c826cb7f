import {
  appendLeaves,
  createVerifierKey,
  EMPTY_EDGE,
  encodeAddCheckpoint,
  encodeCheckpoint,
  encodeVerifierKey,
  hashLeaf,
  proveConsistency,
  rootOfEdge,
  signNote,
  TILE_WIDTH,
  tilePath,
  type Bytes,
  type NoteSigner,
  type SignedNote,
  type Tile,
  type TileSource,
} from "@siphms/tlog";
import { generateKeyPairSync, sign } from "node:crypto";

/** An audit log whose keeper does whatever a test asks of it. */
export interface FakeLog {
  readonly signer: NoteSigner;
  /** Its verifier key as text. */
  readonly key: string;
  /** Its checkpoint of a size. */
  checkpoint(size: number): Promise<SignedNote>;
  /** The body of `add-checkpoint`, from one size to another. */
  request(oldSize: number, newSize: number): Promise<Bytes>;
}

/** Makes a log; another `content` gives another history, another `signer` another key. */
export function createFakeLog(
  origin: string,
  { content = "entry", signer = newSigner(origin) } = {},
): FakeLog {
  const leaves = Array.from({ length: 300 }, (_, at) =>
    hashLeaf(bytes(`${content} ${String(at)}`)),
  );
  const checkpoint = async (size: number): Promise<SignedNote> => {
    const root = rootOfEdge(appendLeaves(EMPTY_EDGE, leaves.slice(0, size)).edge);
    const text = encodeCheckpoint({ origin, size, root, extensions: [] });
    return signNote({ text, signatures: [] }, signer);
  };
  return {
    signer,
    key: encodeVerifierKey(signer.key),
    checkpoint,
    request: async (oldSize, newSize) =>
      encodeAddCheckpoint({
        oldSize,
        proof: await proveConsistency({ oldSize, newSize }, tilesOf(leaves)),
        note: await checkpoint(newSize),
      }),
  };
}

function newSigner(name: string): NoteSigner {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  return {
    key: createVerifierKey("ed25519", name, new Uint8Array(Buffer.from(x, "base64url"))),
    sign: (message) => Promise.resolve(new Uint8Array(sign(null, message, privateKey))),
  };
}

function tilesOf(leaves: readonly Bytes[]): TileSource {
  const name = ({ level, index }: Tile): string => tilePath({ level, index, width: TILE_WIDTH });
  const { tiles } = appendLeaves(EMPTY_EDGE, leaves);
  const stored = new Map(tiles.map((tile) => [name(tile), tile.bytes]));
  return {
    readTiles: (wanted) =>
      Promise.resolve(wanted.map((tile) => stored.get(name(tile)) ?? new Uint8Array())),
  };
}

function bytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}
