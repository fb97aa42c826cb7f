export { AuditError, type AuditErrorCode } from "./audit-error.ts";
export {
  AUDIT_BYTES,
  commitDetails,
  encodeRecord,
  hashRecord,
  NO_ENTRY,
  parseRecord,
  type AuditAction,
  type AuditMembers,
  type AuditRecord,
} from "./entry.ts";
export { LOG_EVENTS } from "./log-events.ts";
export { parseSequences, sequencesTexts, type SequenceRange } from "./sequences.ts";
export { LOG_PATHS, olderCheckpointPath, tilesOf, type LogSource } from "./log-source.ts";
export { exportLog, type LogSink } from "./export-log.ts";
export {
  firstIndexOf,
  type Head,
  type HeadName,
  type LogFinding,
  type LogNote,
  type LogReport,
} from "./log-report.ts";
export { readOlderHead, type Trust } from "./heads.ts";
export { isRestoredAfter, lastCheckpointPath, retiredOrigins } from "./origins.ts";
export { verifyLog, type VerifyLogOptions } from "./verify-log.ts";
export { checkEntryProof, proveEntry, type ProvenEntry } from "./prove-entry.ts";
