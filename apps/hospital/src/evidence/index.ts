export { createEvidenceDesk } from "./desk.ts";
export type { EvidenceDesk, EvidenceDeskPorts, EvidenceOutcome, NamedEvidence } from "./desk.ts";
export { addEvidenceRoutes } from "./routes.ts";
