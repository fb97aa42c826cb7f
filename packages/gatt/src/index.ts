/**
 * Bluetooth health sensors: octets of the standard GATT services in, measurements and readings out. Pure: no Bluetooth, no
 * clock, no page.
 *
 * Each `decode…` takes one characteristic's value and gives its fields, or throws `GattError`. A number of a sensor
 * (`MedicalFloat`) stays apart from its special values until `toNumber`. Timestamps are the sensor's own clock (`DateTime`).
 * `readingsOf` then makes what `record` of `@siphms/device` takes: kinds, wire units, and with a `MeterClock` the time in UTC;
 * what is no measurement of this patient is withheld with a reason. Stored records of a meter are fetched with
 * `beginTransfer` and `stepTransfer`.
 */
export { GattError } from "./gatt-error.ts";
export type { GattErrorCode } from "./gatt-error.ts";
export { CHARACTERISTICS, SERVICES, shortUuidOf, uuidOf } from "./uuids.ts";
export type { Received, Value } from "./octets.ts";
export type { StatusBits } from "./bit-names.ts";
export { floatOf, sfloatOf, toNumber } from "./medical-float.ts";
export type { MedicalFloat, Special } from "./medical-float.ts";
export type { DateTime } from "./date-time.ts";
export { BODY_SENSOR_LOCATIONS, decodeBodySensorLocation, decodeHeartRate } from "./heart-rate.ts";
export type { HeartRateMeasurement, SensorContact } from "./heart-rate.ts";
export {
  decodeBloodPressure,
  decodeBloodPressureFeature,
  decodeCuffPressure,
} from "./blood-pressure.ts";
export type {
  BloodPressureFeature,
  BloodPressureMeasurement,
  BloodPressureStatus,
  CuffPressure,
  PressureUnit,
} from "./blood-pressure.ts";
export {
  decodeIntermediateTemperature,
  decodeTemperature,
  TEMPERATURE_SITES,
} from "./temperature.ts";
export type { IntermediateTemperature, TemperatureMeasurement } from "./temperature.ts";
export {
  decodePlxContinuous,
  decodePlxFeatures,
  decodePlxSpotCheck,
  isPatientValue,
} from "./pulse-oximeter.ts";
export type {
  OxygenPair,
  PlxContinuous,
  PlxDeviceStatus,
  PlxFeature,
  PlxFeatures,
  PlxMeasurementStatus,
  PlxSpotCheck,
} from "./pulse-oximeter.ts";
export { decodeWeight } from "./weight.ts";
export type { WeightMeasurement } from "./weight.ts";
export { decodeGlucose, decodeGlucoseContext } from "./glucose.ts";
export type { GlucoseContext, GlucoseMeasurement, GlucoseStatus } from "./glucose.ts";
export { decodeCgm } from "./cgm.ts";
export type { CgmRecord } from "./cgm.ts";
export {
  decodeBatteryLevel,
  decodePnpId,
  decodeSystemId,
  decodeText,
} from "./device-information.ts";
export type { PnpId, SystemId } from "./device-information.ts";
export { decodeCurrentTime } from "./current-time.ts";
export type { AdjustReason, CurrentTime } from "./current-time.ts";
export { decodeRecordResponse, encodeRecordRequest, filterAfter } from "./record-access.ts";
export type { RecordFilter, RecordRequest, RecordResponse, RecordResult } from "./record-access.ts";
export { beginTransfer, resumeAfter, stepTransfer } from "./record-transfer.ts";
export type { Transfer, TransferEvent, TransferOutcome, TransferStep } from "./record-transfer.ts";
export { assumeClock, clockErrorMs, measureClock } from "./meter-clock.ts";
export type { MeterClock } from "./meter-clock.ts";
export type { ReadingTime } from "./reading-time.ts";
export type { Measurement, Withheld, WithheldReason } from "./reading-values.ts";
export { readingsOf } from "./readings.ts";
export type { Arrival, Readings, SensorDescription, SensorSeries } from "./readings.ts";
