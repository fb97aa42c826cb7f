import type { Clock } from "@siphms/device";
import { SensorError } from "./bluetooth.ts";

/** Waits for `work`, but not longer than `ms`. @throws {SensorError} `SENSOR_AWAY` when it takes longer. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const tooLate = clock.sleep(ms, over.signal).then((): never => {
    throw new SensorError("SENSOR_AWAY");
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    over.abort();
  }
}
