import type { AlertStand } from "@siphms/api";
import { createAlertJob, type AlertJob, type AlertJobPorts } from "./alert-job.ts";
import { createAlertDesk, type AlertDesk } from "./desk.ts";
import { createStandPublisher } from "./stand-publisher.ts";
import { readStands } from "./stands.ts";

/** What alerts need of the rest. */
export interface AlertPorts extends Omit<AlertJobPorts, "onChanged"> {
  /** Tells the open screens how a patient's alerts stand. */
  readonly publish: (patientId: string, stand: AlertStand) => void;
}

/** Alerts: the job that makes them, and what people see of them and do about them. */
export interface Alerts {
  readonly job: AlertJob;
  readonly desk: AlertDesk;
  /** Tells the screens how a patient's alerts stand: who was told of one has changed. */
  changed(patientId: string): void;
  /** Waits until the screens are told of everything that has changed. */
  settled(): Promise<void>;
}

/** Joins the job and the desk; the job does nothing until it is started, or run. */
export function createAlerts(ports: AlertPorts): Alerts {
  const publisher = createStandPublisher({
    ...ports,
    stands: (patientIds) => readStands(patientIds, ports),
  });
  const onChanged = (patientIds: readonly string[]): void => {
    publisher.changed(patientIds);
  };
  return {
    job: createAlertJob({ ...ports, onChanged }),
    desk: createAlertDesk({ ...ports, onChanged }),
    changed: (patientId) => {
      publisher.changed([patientId]);
    },
    settled: () => publisher.settled(),
  };
}
