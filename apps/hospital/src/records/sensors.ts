import type { DeviceSensor } from "@siphms/api";
import { samples, type Series } from "@siphms/messages";
import type { Queryable } from "../database/index.ts";
import type { PatientCipher } from "../keys/index.ts";
import { BATCH_COLUMNS, readBatch, unsealBatch } from "./stored-batch.ts";

/** Newest messages of a device that are looked into: a sensor that is in none of them has not measured for long. */
const MAX_MESSAGES = 20;

/** Reads which sensors a device named in what it sent last, each with its battery, the latest first. */
export async function readSensors(
  queryable: Queryable,
  device: { readonly id: number; readonly patientId: string },
  cipher: PatientCipher,
): Promise<readonly DeviceSensor[]> {
  const { rows } = await queryable.query(
    `SELECT ${BATCH_COLUMNS} FROM batches b JOIN devices d ON d.id = b.device_id
     WHERE b.device_id = $1 AND b.patient_id = $2 AND b.outcome < 3
     ORDER BY b.message_id DESC LIMIT ${String(MAX_MESSAGES)}`,
    [device.id, device.patientId],
  );
  const found = new Map<string, DeviceSensor>();
  for (const row of rows) {
    for (const series of unsealBatch(readBatch(row), cipher).readings.series) {
      addSensor(found, series);
    }
  }
  return [...found.values()].sort((a, b) => b.at - a.at);
}

function addSensor(found: Map<string, DeviceSensor>, series: Series): void {
  const { sensor } = series;
  if (sensor === undefined) return;
  const { manufacturer = "", model = "", serial = "", batteryPercent } = sensor;
  const at = [...samples(series)].at(-1)?.at ?? series.start;
  const key = JSON.stringify([manufacturer, model, serial]);
  const known = found.get(key);
  if (known !== undefined && known.at >= at) return;
  // What a device claims is shown only as far as it can be true.
  const isPercent = batteryPercent !== undefined && batteryPercent <= 100;
  found.set(key, {
    name: [manufacturer, model].filter((part) => part !== "").join(" "),
    ...(isPercent ? { batteryPercent } : {}),
    at,
  });
}
