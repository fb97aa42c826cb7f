export { createSummaryJob } from "./summary-job.ts";
export type { SummaryJob, SummaryJobPorts } from "./summary-job.ts";
export { addSummaryRoute, parseSummaryQuery, summaryOf } from "./routes.ts";
export { readSummaryProgress } from "./progress.ts";
export { markTouched } from "./mark-touched.ts";
