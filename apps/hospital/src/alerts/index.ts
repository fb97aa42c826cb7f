export { createAlerts } from "./alerts.ts";
export type { AlertPorts, Alerts } from "./alerts.ts";
export type { AlertCounts, AlertJob } from "./alert-job.ts";
export type { AlertDesk } from "./desk.ts";
export { addAlertMetrics } from "./metrics.ts";
export { addAlertRoutes } from "./routes.ts";
export { openFound, openNote } from "./alert-cells.ts";
export { checkState } from "./patient-state.ts";
export { readAlert } from "./alert-rows.ts";
