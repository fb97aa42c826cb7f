export { EvidenceError, type EvidenceErrorCode } from "./error.ts";
export {
  encodeEvidence,
  EVIDENCE_FORMAT,
  MAX_EVIDENCE_CHARACTERS,
  parseEvidence,
  parseEvidenceText,
  type EvidenceFile,
  type EvidenceParts,
} from "./file.ts";
export {
  encodeStatement,
  parseStatement,
  prepareStatement,
  STATEMENT_TYP,
  type StatedDecision,
  type Statement,
} from "./statement.ts";
export {
  CHECKS,
  verifyEvidence,
  type Check,
  type CheckName,
  type UsedKey,
  type Verdict,
  type VerifiedEvidence,
} from "./verify.ts";
export { provenSamples, type ProvenSample } from "./samples.ts";
