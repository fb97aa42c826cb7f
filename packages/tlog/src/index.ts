export type { Bytes } from "./bytes.ts";
export { TlogError, type TlogErrorCode } from "./tlog-error.ts";
export { emptyRoot, HASH_BYTES, hashLeaf, hashNode } from "./hash.ts";
export {
  entryBundlePath,
  MAX_TILE_LEVEL,
  parseEntryBundlePath,
  parseTilePath,
  partialTiles,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  type EntryBundlePlace,
  type Tile,
} from "./tile.ts";
export { hashRanges, type TileSource } from "./tile-source.ts";
export { splitPoint, type LeafRange } from "./subtree.ts";
export { proveConsistency, proveInclusion, rootFromTiles } from "./tree.ts";
export {
  appendLeaves,
  EMPTY_EDGE,
  loadEdge,
  rootOfEdge,
  type StoredTile,
  type TreeEdge,
} from "./grow.ts";
export { encodeEntryBundle, MAX_ENTRY_BYTES, parseEntryBundle } from "./entry-bundle.ts";
export {
  verifyConsistency,
  verifyInclusion,
  type ConsistencyClaim,
  type InclusionClaim,
  type TreeHead,
} from "./verify-proof.ts";
export { createWebEd25519, type Ed25519Verifier, type NoteSigner } from "./ed25519.ts";
export {
  createVerifierKey,
  encodeVerifierKey,
  parseVerifierKey,
  type VerifierKey,
  type VerifierKeyKind,
} from "./verifier-key.ts";
export {
  encodeNote,
  MAX_NOTE_BYTES,
  MAX_NOTE_SIGNATURES,
  parseNote,
  type NoteSignature,
  type SignedNote,
} from "./note.ts";
export { signNote, verifyNote, type VerifiedSignature } from "./verify-note.ts";
export { encodeCheckpoint, parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
export { cosignCheckpoint } from "./cosignature.ts";
export {
  encodeAddCheckpoint,
  MAX_ADD_CHECKPOINT_BYTES,
  parseAddCheckpoint,
  type AddCheckpointRequest,
  type ParsedAddCheckpoint,
} from "./witness-request.ts";
export {
  authenticateCheckpoint,
  considerCheckpoint,
  WITNESS_STATUS,
  type AuthenticCheckpoint,
  type Authentication,
  type WitnessDecision,
  type WitnessedLog,
  type WitnessOutcome,
} from "./witness.ts";
export {
  addCosignatures,
  encodeCosignaturesAnswer,
  encodeSizeAnswer,
  parseWitnessAnswer,
  TREE_SIZE_MEDIA_TYPE,
  type WitnessAnswer,
} from "./witness-answer.ts";
export {
  isQuorum,
  NO_QUORUM,
  type Policy,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
} from "./policy.ts";
export { MAX_POLICY_BYTES, parsePolicy } from "./parse-policy.ts";
export { verifyCheckpoint, type VerifiedCheckpoint } from "./verify-checkpoint.ts";
export {
  encodeLogProof,
  MAX_LOG_PROOF_BYTES,
  parseLogProof,
  verifyLogProof,
  type LogProof,
} from "./log-proof.ts";
