export { appendAudit, auditNameOfDevice, auditNameOfStaff } from "./events.ts";
export type { AuditEntry, AuditSink } from "../database/index.ts";
export { createEntryMaker } from "./entry-maker.ts";
export type { EntryMaker, MadeEntry } from "./entry-maker.ts";
export { openDetails } from "./details.ts";
export type { Details as EntryDetails } from "./details.ts";
export { createPseudonyms } from "./pseudonyms.ts";
export type { Pseudonyms } from "./pseudonyms.ts";
export { mergeEntries } from "./insert-entries.ts";
export { beginLog, beginNextLog, ensureLog } from "./begin-log.ts";
export { readLogKeys } from "./log-keys.ts";
export type { LogKey } from "./log-keys.ts";
export {
  noteWithCosignatures,
  readCheckpointUpTo,
  readLastCheckpointOf,
  readNewestCheckpoint,
  readNewestCosigned,
} from "./checkpoints.ts";
export type { LogHead } from "./checkpoints.ts";
export { isAsLogged, readLoggedRow } from "./as-logged.ts";
export type { LoggedRow } from "./as-logged.ts";
export { compareLogPart, compareNewest } from "./compare-log.ts";
export type { AuditLogErrorCode } from "./error.ts";
export { findLogFault, readWaitingSince } from "./log-state.ts";
export { createLogWatch, LOG_WAIT_LIMIT_MS } from "./log-watch.ts";
export type { LogFault, LogWatch, LogWatchPorts } from "./log-watch.ts";
export { describePolicy } from "./log-policy.ts";
export type { NamedWitness } from "./log-policy.ts";
export { proveLogConsistency } from "./prove-log.ts";
export { readEntryBundle } from "./read-bundle.ts";
export { startAuditLog } from "./audit-log.ts";
export type { AuditLog } from "./audit-log.ts";
export { createLogTiles } from "./log-tiles.ts";
export type { TileRoots } from "./log-tiles.ts";
export { createSequencer } from "./sequencer.ts";
export type { Sequencer, SequencerPorts } from "./sequencer.ts";
export { createPlainAudit } from "./plain-rows.ts";
export { createAuditWriter } from "./writer.ts";
export { createRequestContext, runInContext, setCaller } from "./context.ts";
export type { Caller, RequestContext } from "./context.ts";
export { countEvents } from "./count-events.ts";
export { readLooks } from "./looks.ts";
export type { Look } from "./looks.ts";
export { readPatientEvents } from "./patient-events.ts";
export type { PatientEvent } from "./patient-events.ts";
export {
  isPassed,
  readStoredMessages,
  readStoredMessagesOf,
  readWatchedEntries,
  setAuditFence,
} from "./stored-messages.ts";
export type { AuditFence, NamedMessage, WatchedEntries, WatchedEntry } from "./stored-messages.ts";
