export { createSummaryJob } from "./summary-job.ts";
export type { SummaryJob, SummaryJobPorts } from "./summary-job.ts";
export { addSummaryRoute, parseSummaryQuery, summaryOf } from "./routes.ts";
