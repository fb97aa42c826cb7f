import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

import { encodeRecord, hashRecord, LOG_PATHS, NO_ENTRY, type LogSink } from "@siphms/audit";
import { asBytes, concatBytes, type Bytes } from "@siphms/cose";
import {
  appendLeaves,
  createVerifierKey,
  EMPTY_EDGE,
  encodeCheckpoint,
  encodeEntryBundle,
  encodeNote,
  encodeVerifierKey,
  entryBundlePath,
  hashLeaf,
  partialTiles,
  rootOfEdge,
  signNote,
  TILE_WIDTH,
  tilePath,
  type NoteSigner,
} from "@siphms/tlog";

const ORIGIN = "siphms/bench/audit/1";
const BEGAN_AT = 1_700_000_000_000;
/** As many programs write at a time. */
const INSTANCES = 2;

/**
 * Writes a log of invented entries as an export has it: such as a hospital writes for readings that are stored and looked
 * at, signed, without a witness.
 *
 * @param sink - Is given every file, the checkpoint last.
 */
export async function writeInventedLog(sink: LogSink, entries: number): Promise<void> {
  const signer = inventSigner();
  const next = inventEntries();
  let edge = EMPTY_EDGE;
  while (edge.size < entries) {
    const index = edge.size / TILE_WIDTH;
    const width = Math.min(TILE_WIDTH, entries - edge.size);
    const bundle = Array.from({ length: width }, next);
    const grown = appendLeaves(edge, bundle.map(hashLeaf));
    edge = grown.edge;
    await sink.write(entryBundlePath({ index, width }), encodeEntryBundle(bundle));
    const full = grown.tiles.filter((tile) => tile.width === TILE_WIDTH);
    for (const tile of full) await sink.write(tilePath(tile), tile.bytes);
  }
  for (const tile of partialTiles(edge.size)) {
    await sink.write(tilePath(tile), concatBytes(...(edge.levels[tile.level] ?? [])));
  }
  const policy = `log ${encodeVerifierKey(signer.key)}\nquorum none\n`;
  await sink.write(LOG_PATHS.policy, asBytes(new TextEncoder().encode(policy)));
  const text = encodeCheckpoint({
    origin: ORIGIN,
    size: entries,
    root: rootOfEdge(edge),
    extensions: [],
  });
  await sink.write(
    LOG_PATHS.checkpoint,
    encodeNote(await signNote({ text, signatures: [] }, signer)),
  );
}

/** Entries of programs that take turns, each naming the one of its own before it. */
function inventEntries(): () => Bytes {
  const programs = Array.from({ length: INSTANCES }, () => ({
    instance: asBytes(randomBytes(8)),
    sequence: 0,
    before: NO_ENTRY,
  }));
  let count = 0;
  return () => {
    const program = programs[count % INSTANCES];
    if (program === undefined) throw new RangeError("A program takes its turn.");
    const isRead = count % 4 === 0;
    const entry = encodeRecord({
      id: asBytes(randomBytes(16)),
      at: BEGAN_AT + count++,
      event: isRead ? "readings.disclosed" : "readings.stored",
      actor: isRead ? "staff:12" : "device:0123456789abcdef",
      ...(isRead
        ? { role: "doctor", session: asBytes(randomBytes(16)), purpose: "treatment" }
        : {}),
      subject: asBytes(randomBytes(16)),
      object: "0123456789abcdef0123456789abcdef",
      action: isRead ? "read" : "create",
      isDone: true,
      ...program,
      correlation: asBytes(randomBytes(8)),
      policy: 1,
      details: asBytes(randomBytes(32)),
    });
    program.sequence++;
    program.before = hashRecord(entry);
    return entry;
  };
}

function inventSigner(): NoteSigner {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  return {
    key: createVerifierKey("ed25519", ORIGIN, asBytes(Buffer.from(x, "base64url"))),
    sign: (message) => Promise.resolve(asBytes(sign(null, message, privateKey))),
  };
}
