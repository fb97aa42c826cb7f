export { createIngest, type Ingest, type IngestOptions } from "./ingest.ts";
export { countIngest } from "./counters.ts";
export { isLate, LATE_AFTER_MS } from "./late.ts";
export type { LoadPatientFacts, PatientFacts } from "./patient-facts.ts";
export type {
  AnswerRequest,
  InboundEnvelope,
  IngestOutcome,
  RequestAnswer,
  RequestContext,
  StoredEvent,
  StoredSample,
} from "./ports.ts";
export { runUpkeep, startUpkeep, type UpkeepPorts } from "./upkeep.ts";
