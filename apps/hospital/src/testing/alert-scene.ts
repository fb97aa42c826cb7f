import { randomUUID } from "node:crypto";
import type { AlertStand, ApiAlert, DemoClock } from "@siphms/api";
import type { Series } from "@siphms/messages";
import type { Alerts } from "../alerts/index.ts";
import {
  addPatient,
  bindDevice,
  storeBatch,
  type HospitalWorld,
  type TestBatch,
  type TestDevice,
} from "./hospital-world.ts";

/** A patient with a device that may send for them, and their alerts. */
export interface AlertScene {
  readonly patientId: string;
  readonly phone: TestDevice;
  /** Stores a message that comes now. */
  store(series: Series | readonly Series[], batch?: Partial<TestBatch>): Promise<void>;
  /** Stores heart rates, one a second up to now. */
  heart(...values: readonly number[]): Promise<void>;
  stand(): Promise<AlertStand>;
  /** Open alerts by their rules. */
  open(): Promise<Readonly<Record<string, ApiAlert>>>;
  /** All alerts, newest first. */
  history(): Promise<readonly ApiAlert[]>;
  /** How many entries of the audit log there are about the patient, by event. */
  events(): Promise<Readonly<Record<string, number>>>;
}

/** The rule that a racing heart breaks. */
export const RACING = "limit:heart-rate:value:high";

/** Registers an invented patient with a confirmed device. */
export async function createAlertScene(
  world: HospitalWorld,
  alerts: Alerts,
  demo?: DemoClock,
): Promise<AlertScene> {
  const { database, clock } = world;
  const patientId = randomUUID();
  await addPatient(world, {
    id: patientId,
    mrn: patientId,
    ...(demo === undefined ? {} : { demo }),
  });
  const confirmed = { confirmedAt: clock.now(), confirmedBy: "operator" };
  const phone = await bindDevice(world, patientId, { state: "active", ...confirmed });
  const store: AlertScene["store"] = async (series, batch = {}) => {
    const all = "kind" in series ? [series] : series;
    await storeBatch(world, phone, { receivedAt: clock.now(), series: all, ...batch });
  };
  const stand: AlertScene["stand"] = async () => {
    const found = (await alerts.desk.stands([patientId])).get(patientId);
    if (found === undefined) throw new Error("no stand");
    return found;
  };
  return {
    ...{ patientId, phone, store, stand },
    heart: (...values) => store(hearts(clock.now() - 1000 * (values.length - 1), ...values)),
    open: async () => Object.fromEntries((await stand()).open.map((alert) => [alert.rule, alert])),
    history: async () => (await alerts.desk.history(patientId, undefined)).alerts,
    async events() {
      const { rows } = await database.query(
        `SELECT event, count(*) AS count FROM audit_events WHERE subject = $1 AND event LIKE 'alert.%'
         GROUP BY event`,
        [patientId],
      );
      return Object.fromEntries(rows.map((row) => [row.text("event"), row.number("count")]));
    },
  };
}

/** Heart rates, one a second. */
export function hearts(start: number, ...values: readonly number[]): Series {
  return { kind: 1, start, step: values.length === 1 ? 0 : 1000, values, origin: 0 };
}

/** One blood pressure, mmHg. */
export function pressure(at: number, systolic: number, diastolic: number): Series {
  return { kind: 2, start: at, step: 0, values: [[systolic, diastolic, null]], origin: 0 };
}
