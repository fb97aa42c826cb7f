import type { Metrics } from "@siphms/server-kit";
import type { AlertJob } from "./alert-job.ts";

/** Adds how alerts are getting on: counts and a delay, of nobody. */
export function addAlertMetrics(metrics: Metrics, { counts }: Pick<AlertJob, "counts">): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    metrics.gauge(`siphms_hospital_alert_${name}`, help, read);
  };
  gauge("evaluations", "Patients evaluated since the start.", () => counts().evaluated);
  gauge("raised", "Alerts that people were told of since the start.", () => counts().raised);
  gauge(
    "skipped",
    "Patients and messages that could not be evaluated since the start.",
    () => counts().skipped,
  );
  gauge(
    "delay_seconds",
    "From the receipt of a message to the commit of what came of it, the last time.",
    () => counts().delayMs / 1000,
  );
}
