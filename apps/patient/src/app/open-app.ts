import type { Clock, Device } from "@siphms/device";
import type { Journal } from "../journal/index.ts";
import type { SensorBoard } from "../sensors/sensor-board.ts";
import type { Sensors } from "../sensors/index.ts";
import type { Monitoring } from "./monitoring.ts";
import type { Preferences } from "./preferences.ts";

/** What the screens behind the lock work with. One per unlocking; after a lock it is of no use any more. */
export interface OpenApp {
  /** Opens itself anew after a failure of the store: one object as long as the app is open. */
  readonly device: Device;
  /** `undefined` where the browser has no Web Bluetooth. */
  readonly sensors: Sensors | undefined;
  /** What the sensors said last, beside {@link sensors}. */
  readonly board: SensorBoard | undefined;
  /** The trail of each item, and the {@link Recorder} that every reading goes through. */
  readonly journal: Journal;
  readonly clock: Clock;
  readonly preferences: Preferences;
  readonly monitoring: Monitoring;
  /** Goes to the lock screen; the key leaves the memory unless monitoring keeps it. */
  lock(): void;
}
