import {
  CHARACTERISTICS,
  type CuffPressure,
  decodeBloodPressure,
  decodeCuffPressure,
  decodeGlucose,
  decodeHeartRate,
  decodeIntermediateTemperature,
  decodePlxContinuous,
  decodePlxSpotCheck,
  decodeTemperature,
  decodeWeight,
  type IntermediateTemperature,
  type Measurement,
  SERVICES,
  type Value,
} from "@siphms/gatt";
import type { SensorType } from "./events.ts";

/** What a measuring characteristic can say. */
export type Decoded = Measurement | CuffPressure | IntermediateTemperature;

const C = CHARACTERISTICS;

/** The services by which a sensor is found, and what it then is. */
export const SENSOR_TYPES: ReadonlyMap<number, SensorType> = new Map([
  [SERVICES.heartRate, "heart-rate"],
  [SERVICES.bloodPressure, "blood-pressure"],
  [SERVICES.healthThermometer, "thermometer"],
  [SERVICES.pulseOximeter, "pulse-oximeter"],
  [SERVICES.weightScale, "weight-scale"],
  [SERVICES.glucose, "glucose-meter"],
]);

/** Services that a page has to name beforehand, to be allowed to use them too. */
export const SIDE_SERVICES: readonly number[] = [
  SERVICES.battery,
  SERVICES.currentTime,
  SERVICES.deviceInformation,
];

/** The measuring characteristics, and how each is read. */
export const DECODERS: ReadonlyMap<number, (value: Value) => Decoded> = new Map<
  number,
  (value: Value) => Decoded
>([
  [C.heartRateMeasurement, decodeHeartRate],
  [C.bloodPressureMeasurement, decodeBloodPressure],
  [C.intermediateCuffPressure, decodeCuffPressure],
  [C.temperatureMeasurement, decodeTemperature],
  [C.intermediateTemperature, decodeIntermediateTemperature],
  [C.plxSpotCheck, decodePlxSpotCheck],
  [C.plxContinuous, decodePlxContinuous],
  [C.weightMeasurement, decodeWeight],
  [C.glucoseMeasurement, decodeGlucose],
]);

/** True for what comes about once a second, or hundreds at a time: gathered before it is signed. */
export function isGathered({ type }: Measurement): boolean {
  return type === "heart-rate" || type === "plx-continuous" || type === "glucose";
}
