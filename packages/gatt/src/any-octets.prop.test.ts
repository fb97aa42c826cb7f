import {
  type Arrival,
  decodeBatteryLevel,
  decodeBloodPressure,
  decodeBloodPressureFeature,
  decodeBodySensorLocation,
  decodeCgm,
  decodeCuffPressure,
  decodeCurrentTime,
  decodeGlucose,
  decodeGlucoseContext,
  decodeHeartRate,
  decodeIntermediateTemperature,
  decodePlxContinuous,
  decodePlxFeatures,
  decodePlxSpotCheck,
  decodePnpId,
  decodeRecordResponse,
  decodeSystemId,
  decodeTemperature,
  decodeText,
  decodeWeight,
  GattError,
  type Measurement,
  readingsOf,
  type SensorSeries,
  type Value,
} from "@siphms/gatt";
import { encodeReadings, parseReadings } from "@siphms/messages";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { integer } from "./testing/encoder.ts";

const MEASUREMENTS: readonly ((value: Value) => Measurement)[] = [
  decodeHeartRate,
  decodeBloodPressure,
  decodePlxSpotCheck,
  decodePlxContinuous,
  decodeTemperature,
  decodeWeight,
  decodeGlucose,
];
const OTHERS: readonly ((value: Value) => unknown)[] = [
  decodeBatteryLevel,
  decodeBloodPressureFeature,
  decodeBodySensorLocation,
  (value) => decodeCgm(value, { hasCrc: false }),
  (value) => decodeCgm(value, { hasCrc: true }),
  decodeCuffPressure,
  decodeCurrentTime,
  decodeGlucoseContext,
  decodeIntermediateTemperature,
  decodePlxFeatures,
  decodePnpId,
  decodeRecordResponse,
  decodeSystemId,
  decodeText,
];

/** Any octets, up to the longest value that Bluetooth knows; most about as long as a measurement is. */
const anyOctets = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 24 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 25, maxLength: 512 }) },
);
const arrivals: fc.Arbitrary<Arrival> = fc.record(
  {
    arrivedAt: fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2100, 0, 1) }),
    clock: fc.record({
      offsetMs: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1e12, max: 1e12 }), fc.double()),
      basis: fc.constantFrom("measured" as const, "assumed" as const),
    }),
    user: fc.oneof(fc.nat(255), fc.constant("any" as const)),
    sensor: fc.record({ manufacturer: fc.string({ maxLength: 20 }), batteryPercent: fc.nat(100) }),
  },
  { requiredKeys: ["arrivedAt"] },
);

/** What a decoder makes of octets; `undefined` where it refuses. Any other error fails the test. */
function attempt<T>(decode: (value: Value) => T, octets: Uint8Array): T | undefined {
  try {
    return decode(octets);
  } catch (error) {
    if (error instanceof GattError) return undefined;
    throw error;
  }
}

describe("any octets", () => {
  it("are read or refused, by every decoder, and never altered", () => {
    fc.assert(
      fc.property(anyOctets, (octets) => {
        const before = octets.slice();
        for (const decode of [...MEASUREMENTS, ...OTHERS]) attempt(decode, octets);
        expect(octets).toEqual(before);
      }),
      { numRuns: 2000 },
    );
  });

  it("that are read become series as a hospital takes them, none later than they came", () => {
    let series = 0;
    fc.assert(
      fc.property(anyOctets, arrivals, (octets, arrival) => {
        for (const decode of MEASUREMENTS) {
          const measurement = attempt(decode, octets);
          if (measurement === undefined) continue;
          const readings = readingsOf(measurement, arrival);
          expect(readings.series.length + readings.withheld.length).toBeGreaterThan(0);
          if (readings.series.length === 0) continue;
          series += readings.series.length;
          expect(takenByHospital(readings.series, arrival.arrivedAt)).toEqual(readings.series);
          for (const { start, deltas = [] } of readings.series)
            expect(deltas.reduce((at, delta) => at + delta, start)).toBeLessThanOrEqual(
              arrival.arrivedAt,
            );
        }
      }),
      { numRuns: 500 },
    );
    expect(series).toBeGreaterThan(500);
  });
});

/** Series as they arrive at the hospital; it refuses what is not of the protocol's form. */
function takenByHospital(series: readonly SensorSeries[], created: number): unknown {
  const messageId = new Uint8Array(16);
  messageId.set(integer(created, 6).toReversed());
  return parseReadings(encodeReadings({ messageId, created, series })).series;
}
