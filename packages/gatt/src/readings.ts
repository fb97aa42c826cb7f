import { fromClinical, type Kind, type WireValue } from "@siphms/vitals";
import type { DateTime } from "./date-time.ts";
import type { HeartRateMeasurement } from "./heart-rate.ts";
import type { MeterClock } from "./meter-clock.ts";
import type { PlxContinuous, PlxSpotCheck } from "./pulse-oximeter.ts";
import { type MeterTime, readingTime, type ReadingTime } from "./reading-time.ts";
import {
  type Measurement,
  type WireSample,
  type Withheld,
  wireValuesOf,
} from "./reading-values.ts";

/** What is known of a sensor; the `sensor` of a series of the protocol. */
export interface SensorDescription {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly firmware?: string;
  readonly batteryPercent?: number;
  /** By the table of the measuring characteristic: Body Sensor Location, Temperature Type, glucose sample location. */
  readonly bodySite?: number;
}

/** Samples of one kind as the protocol has them, of origin 0: what `record` of `@siphms/device` takes. */
export interface SensorSeries {
  readonly kind: Kind;
  readonly start: number;
  readonly step?: number;
  readonly deltas?: readonly number[];
  readonly values: readonly WireValue[];
  readonly origin: 0;
  readonly sensor?: SensorDescription;
  readonly status?: readonly number[];
}

/** The circumstances in which a measurement came. */
export interface Arrival {
  /** ms since 1970 UTC, by the clock that also signs (`Device.now`). */
  readonly arrivedAt: number;
  /** What is known of the meter's clock; without it a meter's timestamps are of no use. */
  readonly clock?: MeterClock;
  /**
   * Which of the sensor's users the patient is; `any` for a sensor that nobody else uses. Not given: nobody was asked yet, so
   * a measurement that names a user is withheld.
   */
  readonly user?: number | "any";
  readonly sensor?: SensorDescription;
}

/** What a measurement becomes. */
export interface Readings {
  /** Empty where everything is withheld. */
  readonly series: readonly SensorSeries[];
  readonly withheld: readonly Withheld[];
  readonly time: ReadingTime;
  /**
   * The same for the same measurement sent again, after a reconnection or out of the meter's memory; compare it among those of
   * one sensor. `undefined` where nothing tells a repetition from a new measurement. It holds the reading.
   */
  readonly repeatKey: string | undefined;
}

const USER_UNKNOWN = 255;
const NOT_AVAILABLE = 15;

/**
 * Makes readings of a measurement: kinds, wire units, the time it was taken.
 *
 * Judges nothing: an implausible number goes to the hospital, which keeps it in quarantine. Withheld is only what is no
 * measurement of this patient at all.
 *
 * @throws {RangeError} when `arrivedAt` is not a time of this century.
 */
export function readingsOf(measurement: Measurement, arrival: Arrival): Readings {
  const meter = meterTimeOf(measurement);
  const time = readingTime(meter, arrival.arrivedAt, arrival.clock);
  const { samples, withheld } = wireValuesOf(measurement);
  const sensor = sensorOf(measurement, arrival.sensor);
  const series = samples.map((sample) => seriesOf(sample, time.at, sensor));
  const intervals = measurement.type === "heart-rate" ? intervalsOf(measurement) : NO_INTERVALS;
  const all = [...series, ...intervals.series(time.at, sensor)];
  const notes = [...withheld, ...intervals.withheld];
  if (!isOfPatient(measurement, arrival.user)) {
    const others = all.map(({ kind }) => ({ kind, reason: "other-user" as const }));
    return { series: [], withheld: [...others, ...notes], time, repeatKey: undefined };
  }
  return { series: all, withheld: notes, time, repeatKey: repeatKeyOf(measurement, meter, all) };
}

function meterTimeOf(measurement: Measurement): MeterTime {
  switch (measurement.type) {
    case "heart-rate":
      return LIVE;
    case "plx-continuous":
      return isFromStorage(measurement) ? NOT_KNOWN : LIVE;
    case "plx-spot-check":
      return spotCheckTime(measurement);
    case "glucose": {
      const isDoubtful = measurement.status?.names.includes("time-fault") === true;
      return { isLive: false, localMs: measurement.localMs, isDoubtful };
    }
    case "blood-pressure":
    case "temperature":
    case "weight":
      return timeOf(measurement.timestamp, LIVE);
  }
}

const LIVE: MeterTime = { isLive: true, localMs: undefined, isDoubtful: false };
const NOT_KNOWN: MeterTime = { ...LIVE, isLive: false };

function timeOf(timestamp: DateTime | undefined, otherwise: MeterTime): MeterTime {
  if (timestamp === undefined) return otherwise;
  return { isLive: false, localMs: timestamp.localMs, isDoubtful: false };
}

function spotCheckTime(measurement: PlxSpotCheck): MeterTime {
  if (measurement.isClockUnset && measurement.timestamp !== undefined) return NOT_KNOWN;
  return timeOf(measurement.timestamp, isFromStorage(measurement) ? NOT_KNOWN : LIVE);
}

function isFromStorage({ measurementStatus }: PlxSpotCheck | PlxContinuous): boolean {
  return measurementStatus?.names.includes("from-storage") === true;
}

function seriesOf(
  { kind, value, status }: WireSample,
  start: number,
  sensor: SensorDescription | undefined,
): SensorSeries {
  return {
    kind,
    start,
    step: 0,
    values: [value],
    origin: 0,
    ...(sensor === undefined ? {} : { sensor }),
    ...(status === undefined ? {} : { status: [status] }),
  };
}

interface Intervals {
  readonly series: (end: number, sensor: SensorDescription | undefined) => readonly SensorSeries[];
  readonly withheld: readonly Withheld[];
}

const NO_INTERVALS: Intervals = { series: () => [], withheld: [] };

/** The RR intervals as a series: each stands at the beat that ends it, the last one at the arrival. */
function intervalsOf({ rrIntervalsMs, contact }: HeartRateMeasurement): Intervals {
  if (rrIntervalsMs.length === 0) return NO_INTERVALS;
  // No rule of the hospital's looks at the contact of an interval, so it must not get one that was measured without.
  if (contact === "absent")
    return { series: () => [], withheld: [{ kind: 8, reason: "no-contact" }] };
  return { series: (end, sensor) => [intervalSeries(rrIntervalsMs, end, sensor)], withheld: [] };
}

function intervalSeries(
  intervalsMs: readonly number[],
  end: number,
  sensor: SensorDescription | undefined,
): SensorSeries {
  const total = intervalsMs.reduce((sum, interval) => sum + interval, 0);
  let passed = 0;
  // Rounded from the sum and not one by one, so that hundreds of intervals do not drift.
  const beats = intervalsMs.map((interval) => end - Math.round(total - (passed += interval)));
  const deltas = beats.map((beat, index) => beat - (beats[index - 1] ?? beat));
  return {
    kind: 8,
    start: beats[0] ?? end,
    deltas,
    values: intervalsMs.map((interval) => fromClinical(8, interval)),
    origin: 0,
    ...(sensor === undefined ? {} : { sensor }),
  };
}

function sensorOf(
  measurement: Measurement,
  sensor: SensorDescription | undefined,
): SensorDescription | undefined {
  const bodySite = siteOf(measurement);
  return bodySite === undefined ? sensor : { ...sensor, bodySite };
}

function siteOf(measurement: Measurement): number | undefined {
  if (measurement.type === "temperature") return measurement.site;
  if (measurement.type !== "glucose") return undefined;
  const { sampleLocation } = measurement;
  return sampleLocation === NOT_AVAILABLE ? undefined : sampleLocation;
}

function isOfPatient(measurement: Measurement, user: Arrival["user"]): boolean {
  if (measurement.type !== "blood-pressure" && measurement.type !== "weight") return true;
  const { userId } = measurement;
  if (userId === undefined || user === "any") return true;
  // A sensor that does not know its user, and nobody has said that it has several.
  if (userId === USER_UNKNOWN && user === undefined) return true;
  return userId === user;
}

function repeatKeyOf(
  measurement: Measurement,
  { localMs }: MeterTime,
  series: readonly SensorSeries[],
): string | undefined {
  const sequence = measurement.type === "glucose" ? measurement.sequence : undefined;
  if (series.length === 0 || (sequence === undefined && localMs === undefined)) return undefined;
  const values = series.map((one) => [one.kind, one.values]);
  return JSON.stringify([measurement.type, sequence ?? null, localMs ?? null, values]);
}
