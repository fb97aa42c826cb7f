export { appendAudit, auditNameOfDevice } from "./events.ts";
export type { AuditEntry } from "./events.ts";
