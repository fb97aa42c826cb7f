import type { SystemAlert, Told } from "@siphms/api";
import {
  createDeliveryJob,
  createNotifier,
  createNotifyDesk,
  type AlertToTell,
  type DeliveryJob,
  type Notifier,
  type NotifyDesk,
  type NotifyWays,
  type Telling,
} from "../notify/index.ts";
import { createTestAccess } from "./access-world.ts";
import { log, type HospitalWorld } from "./hospital-world.ts";

/** Telling and delivering as one program does it; several of them share a hospital. */
export interface NotifyWorld {
  readonly notifier: Notifier;
  readonly desk: NotifyDesk;
  readonly job: DeliveryJob;
  raise(alert: AlertToTell): Promise<Telling>;
  escalate(alert: AlertToTell, step: number): Promise<Telling>;
  acknowledge(alertId: number): Promise<void>;
  toldOf(alertId: number): Promise<readonly Told[]>;
  faults(): Promise<readonly SystemAlert[]>;
}

/** Joins them on a hospital. Nothing is delivered before `job.run()`. */
export function createNotifyWorld(
  world: Pick<HospitalWorld, "clock" | "database" | "keyring">,
  ways: NotifyWays = {},
  onTried: (patientId: string) => void = () => undefined,
): NotifyWorld {
  const { database, keyring, clock } = world;
  const ports = { database, keyring, clock, ways };
  const notifier = createNotifier({
    ...ports,
    beginCare: createTestAccess(world).beginCareWithin,
    onQueued: () => undefined,
  });
  const desk = createNotifyDesk(ports);
  return {
    ...{ notifier, desk },
    job: createDeliveryJob({ ...ports, log, onTried }),
    raise: (alert) => database.withTransaction((tx) => notifier.onRaised(tx, alert)),
    escalate: (alert, step) => database.withTransaction((tx) => notifier.escalate(tx, alert, step)),
    acknowledge: (alertId) =>
      database.withTransaction((tx) => notifier.onAcknowledged(tx, alertId)),
    toldOf: async (alertId) => (await notifier.tellingsOf(database, [alertId])).get(alertId) ?? [],
    faults: async () => (await desk.listSystemAlerts()).alerts,
  };
}
