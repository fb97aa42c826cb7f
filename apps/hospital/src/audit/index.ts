export { appendAudit, auditNameOfDevice, auditNameOfStaff } from "./events.ts";
export type { AuditEntry } from "./events.ts";
export { countEvents } from "./count-events.ts";
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
