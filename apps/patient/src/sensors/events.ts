import type { DeviceErrorCode } from "@siphms/device";
import type {
  CuffPressure,
  GattErrorCode,
  IntermediateTemperature,
  ReadingTime,
  SensorContact,
  SensorSeries,
  TransferOutcome,
  Withheld,
} from "@siphms/gatt";
import type { SensorErrorCode } from "./bluetooth.ts";

/** What a sensor measures; one sensor may be several. */
export type SensorType =
  | "blood-pressure"
  | "glucose-meter"
  | "heart-rate"
  | "pulse-oximeter"
  | "thermometer"
  | "weight-scale";

/**
 * Where a sensor stands. `lost` is tried again by itself at `retryAt` (wall clock of the phone, ms); `not-supported` and
 * `permission-denied` are not; `choose-again`: the browser has forgotten it, the patient has to pick it once more.
 */
export type SensorState =
  | {
      readonly kind:
        "choose-again" | "connecting" | "not-supported" | "permission-denied" | "stopped";
    }
  | { readonly kind: "measuring"; readonly types: readonly SensorType[] }
  | {
      readonly kind: "lost";
      readonly retryAt: number;
      readonly reason: "adapter-off" | "disconnected" | "out-of-range" | "refused";
    };

/** Why readings are not durable yet, or never will be. */
export type SaveTrouble = DeviceErrorCode | "FAILED";

/** What a screen is told. `reading` and `progress` hold what was measured and are for the screen alone, never for a log. */
export type SensorEvent =
  | { readonly kind: "search"; readonly state: "searching" | "chosen" | SensorErrorCode }
  | {
      readonly kind: "save-failed";
      readonly code: SaveTrouble;
      readonly retryAt: number;
      readonly waiting: number;
    }
  | { readonly kind: "saved"; readonly samples: number }
  | { readonly kind: "unusable"; readonly samples: number }
  | ({ readonly sensor: string } & OfSensor);

type OfSensor =
  | { readonly kind: "state"; readonly state: SensorState }
  | {
      readonly kind: "reading";
      readonly series: readonly SensorSeries[];
      readonly time: ReadingTime;
    }
  | { readonly kind: "progress"; readonly progress: CuffPressure | IntermediateTemperature }
  | {
      readonly kind: "withheld";
      readonly withheld: readonly Withheld[];
      readonly time: ReadingTime;
    }
  | { readonly kind: "malformed"; readonly characteristic: number; readonly code: GattErrorCode }
  | { readonly kind: "repeated" | "not-taken" }
  | { readonly kind: "battery"; readonly percent: number }
  | { readonly kind: "contact"; readonly contact: SensorContact }
  /** Positive: the meter's clock is fast. `unset`: it was never set, its times are estimates. */
  | { readonly kind: "clock"; readonly error: number | "unset" }
  | {
      readonly kind: "transfer";
      readonly records: number;
      readonly outcome: TransferOutcome | undefined;
    };

/** Takes events; must not throw. */
export type Emit = (event: SensorEvent) => void;
