import {
  decodeBloodPressure,
  decodeCgm,
  decodeCuffPressure,
  decodeGlucose,
  decodeHeartRate,
  decodePlxContinuous,
  decodePlxSpotCheck,
  decodeTemperature,
  decodeWeight,
  GattError,
  type MedicalFloat,
} from "@siphms/gatt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crcOf } from "./cgm.ts";
import { dateTime, flags, float, integer, optional, sfloat } from "./testing/encoder.ts";

const uint8 = fc.integer({ min: 0, max: 0xff });
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint24 = fc.integer({ min: 0, max: 0xffffff });
const special: fc.Arbitrary<MedicalFloat> = fc
  .constantFrom(
    "nan" as const,
    "nres" as const,
    "positive-infinity" as const,
    "negative-infinity" as const,
    "reserved" as const,
  )
  .map((which) => ({ kind: "special", special: which }));

function medicalFloat(mantissaBits: number, exponentBits: number): fc.Arbitrary<MedicalFloat> {
  const mantissa = 2 ** (mantissaBits - 1);
  const exponent = 2 ** (exponentBits - 1);
  const number = fc
    .record({
      kind: fc.constant("number" as const),
      mantissa: fc.integer({ min: -mantissa, max: mantissa - 1 }),
      exponent: fc.integer({ min: -exponent, max: exponent - 1 }),
    })
    // With an exponent of 0 the outermost mantissas are the special values.
    .filter((value) => value.exponent !== 0 || Math.abs(value.mantissa) < mantissa - 2);
  return fc.oneof({ weight: 4, arbitrary: number }, { weight: 1, arbitrary: special });
}

const sfloats = medicalFloat(12, 4);
const floats = medicalFloat(24, 8);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const times = fc.record({
  year: uint16,
  month: uint8,
  day: uint8,
  hours: uint8,
  minutes: uint8,
  seconds: uint8,
});
const pairs = fc.record({ spo2: sfloats, pulseRateBpm: sfloats });
const pairOctets = (pair: { spo2: MedicalFloat; pulseRateBpm: MedicalFloat }) => [
  ...sfloat(pair.spo2),
  ...sfloat(pair.pulseRateBpm),
];
const bits = (count: number) => (value: number) => integer(value, count);
const octet = (value: number) => [value];
const statusBits = (value: number | undefined) => (value === undefined ? value : { bits: value });
const nothingLeft = { trailingOctets: 0, reservedFlags: 0 };

describe("what an encoder wrote is read back", () => {
  it("as a heart rate", () => {
    const fields = fc.record({
      bpm: uint16,
      contact: fc.integer({ min: 0, max: 3 }),
      energy: maybe(uint16),
      intervals: maybe(fc.array(uint16, { minLength: 1, maxLength: 100 })),
    });
    fc.assert(
      fc.property(fields, fc.boolean(), ({ bpm, contact, energy, intervals }, isWide) => {
        const wide = isWide || bpm > 0xff;
        const first = flags({ 0: wide, 3: energy !== undefined, 4: intervals !== undefined });
        const decoded = decodeHeartRate(
          Uint8Array.of(
            first + contact * 2,
            ...integer(bpm, wide ? 2 : 1),
            ...optional(energy, bits(2)),
            ...(intervals ?? []).flatMap(bits(2)),
          ),
        );
        expect(decoded).toMatchObject({
          heartRateBpm: bpm,
          contact: ["not-supported", "not-supported", "absent", "present"][contact],
          energyKilojoules: energy,
          rrIntervalsMs: (intervals ?? []).map((raw) => (raw * 1000) / 1024),
          ...nothingLeft,
        });
      }),
    );
  });

  it("as a blood pressure and as a cuff's progress", () => {
    const fields = fc.record({
      isKilopascal: fc.boolean(),
      systolic: sfloats,
      diastolic: sfloats,
      mean: sfloats,
      timestamp: maybe(times),
      pulseRateBpm: maybe(sfloats),
      userId: maybe(uint8),
      status: maybe(uint16),
    });
    fc.assert(
      fc.property(fields, ({ isKilopascal, status, systolic, diastolic, mean, ...rest }) => {
        const { timestamp, pulseRateBpm, userId } = rest;
        const value = Uint8Array.of(
          flags({
            0: isKilopascal,
            1: timestamp !== undefined,
            2: pulseRateBpm !== undefined,
            3: userId !== undefined,
            4: status !== undefined,
          }),
          ...[systolic, diastolic, mean].flatMap(sfloat),
          ...optional(timestamp, dateTime),
          ...optional(pulseRateBpm, sfloat),
          ...optional(userId, octet),
          ...optional(status, bits(2)),
        );
        const expected = {
          ...rest,
          unit: isKilopascal ? "kPa" : "mmHg",
          status: statusBits(status),
          ...nothingLeft,
        };
        expect(decodeBloodPressure(value)).toMatchObject({
          ...expected,
          systolic,
          diastolic,
          mean,
        });
        expect(decodeCuffPressure(value)).toMatchObject({ ...expected, pressure: systolic });
      }),
    );
  });

  it("as a temperature", () => {
    const fields = fc.record({ temperature: floats, timestamp: maybe(times), site: maybe(uint8) });
    fc.assert(
      fc.property(fields, fc.boolean(), (expected, isFahrenheit) => {
        const { temperature, timestamp, site } = expected;
        const decoded = decodeTemperature(
          Uint8Array.of(
            flags({ 0: isFahrenheit, 1: timestamp !== undefined, 2: site !== undefined }),
            ...float(temperature),
            ...optional(timestamp, dateTime),
            ...optional(site, octet),
          ),
        );
        const unit = isFahrenheit ? "fahrenheit" : "celsius";
        expect(decoded).toMatchObject({ ...expected, unit, ...nothingLeft });
      }),
    );
  });

  it("as an oximeter's values", () => {
    const fields = fc.record({
      normal: pairs,
      measurement: maybe(uint16),
      device: maybe(uint24),
      pulseAmplitudeIndex: maybe(sfloats),
    });
    fc.assert(
      fc.property(
        fields,
        fc.record({ timestamp: maybe(times), isClockUnset: fc.boolean() }),
        fc.record({ fast: maybe(pairs), slow: maybe(pairs) }),
        ({ normal, measurement, device, pulseAmplitudeIndex }, spot, continuous) => {
          const status = [
            ...optional(measurement, bits(2)),
            ...optional(device, bits(3)),
            ...optional(pulseAmplitudeIndex, sfloat),
          ];
          const present = [measurement, device, pulseAmplitudeIndex].map((f) => f !== undefined);
          const [hasMeasurement = false, hasDevice = false, hasAmplitude = false] = present;
          const expected = {
            normal,
            pulseAmplitudeIndex,
            measurementStatus: statusBits(measurement),
            deviceStatus: statusBits(device),
            ...nothingLeft,
          };
          const { timestamp, isClockUnset } = spot;
          const spotFlags = flags({
            0: timestamp !== undefined,
            1: hasMeasurement,
            2: hasDevice,
            3: hasAmplitude,
            4: isClockUnset,
          });
          const spotOctets = [...pairOctets(normal), ...optional(timestamp, dateTime), ...status];
          expect(decodePlxSpotCheck(Uint8Array.of(spotFlags, ...spotOctets))).toMatchObject({
            ...expected,
            ...spot,
          });
          const { fast, slow } = continuous;
          const continuousFlags = flags({
            0: fast !== undefined,
            1: slow !== undefined,
            2: hasMeasurement,
            3: hasDevice,
            4: hasAmplitude,
          });
          const more = [...optional(fast, pairOctets), ...optional(slow, pairOctets)];
          const octets = [...pairOctets(normal), ...more, ...status];
          expect(decodePlxContinuous(Uint8Array.of(continuousFlags, ...octets))).toMatchObject({
            ...expected,
            ...continuous,
          });
        },
      ),
    );
  });

  it("as a glucose value", () => {
    const fields = fc.record({
      sequence: uint16,
      baseTime: times,
      timeOffsetMinutes: maybe(fc.integer({ min: -0x8000, max: 0x7fff })),
      concentration: maybe(sfloats),
      contextFollows: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fields,
        fc.boolean(),
        uint8,
        maybe(uint16),
        (expected, isMolar, sample, status) => {
          const { sequence, baseTime, timeOffsetMinutes, concentration, contextFollows } = expected;
          const has = concentration !== undefined;
          const decoded = decodeGlucose(
            Uint8Array.of(
              flags({
                0: timeOffsetMinutes !== undefined,
                1: has,
                2: isMolar,
                3: status !== undefined,
                4: contextFollows,
              }),
              ...integer(sequence, 2),
              ...dateTime(baseTime),
              ...optional(timeOffsetMinutes, bits(2)),
              ...optional(concentration, sfloat),
              ...(has ? [sample] : []),
              ...optional(status, bits(2)),
            ),
          );
          expect(decoded).toMatchObject({
            ...expected,
            unit: isMolar ? "mol/L" : "kg/L",
            sampleType: has ? sample % 16 : undefined,
            sampleLocation: has ? Math.floor(sample / 16) : undefined,
            status: statusBits(status),
            ...nothingLeft,
          });
        },
      ),
    );
  });

  it("as a weight", () => {
    const body = fc.record({ index: uint16, height: uint16 });
    const fields = fc.record({ timestamp: maybe(times), userId: maybe(uint8) });
    const raw = fc.integer({ min: 0, max: 0xfffe });
    fc.assert(
      fc.property(raw, fc.boolean(), fields, maybe(body), (weight, isPound, expected, more) => {
        const { timestamp, userId } = expected;
        const decoded = decodeWeight(
          Uint8Array.of(
            flags({
              0: isPound,
              1: timestamp !== undefined,
              2: userId !== undefined,
              3: more !== undefined,
            }),
            ...integer(weight, 2),
            ...optional(timestamp, dateTime),
            ...optional(userId, octet),
            ...optional(more, ({ index, height }) => [...integer(index, 2), ...integer(height, 2)]),
          ),
        );
        expect(decoded).toMatchObject({ ...expected, ...nothingLeft });
        expect(decoded.weight).toBe(Number((weight * (isPound ? 0.01 : 0.005)).toFixed(3)));
        if (more === undefined) return;
        expect(decoded.bodyMassIndex).toBe(Number((more.index * 0.1).toFixed(1)));
        expect(decoded.height?.value).toBe(
          Number((more.height * (isPound ? 0.1 : 0.001)).toFixed(3)),
        );
      }),
    );
  });

  it("as records of a continuous glucose sensor, and one flipped bit is found", () => {
    const record = fc.record({ glucose: sfloats, minutes: uint16, trend: maybe(sfloats) });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), fc.nat(), (records, flip) => {
        const octets = records.flatMap(({ glucose, minutes, trend }) => {
          const body = [
            flags({ 0: trend !== undefined }),
            ...sfloat(glucose),
            ...integer(minutes, 2),
            ...optional(trend, sfloat),
          ];
          const whole = [body.length + 3, ...body];
          return [...whole, ...integer(crcOf(Uint8Array.from(whole)), 2)];
        });
        const decoded = decodeCgm(Uint8Array.from(octets), { hasCrc: true });
        expect(decoded).toMatchObject(
          records.map(({ glucose, minutes, trend }) => ({
            glucoseMgDl: glucose,
            minutes,
            trendMgDlPerMinute: trend,
            ...nothingLeft,
          })),
        );
        const first = Uint8Array.from(octets.slice(0, octets[0]));
        expect(decodeCgm(first, { hasCrc: true })).toHaveLength(1);
        const at = Math.floor(flip / 8) % first.length;
        first[at] = first[at]! ^ (1 << (flip % 8));
        expect(() => decodeCgm(first, { hasCrc: true })).toThrow(GattError);
      }),
    );
  });
});
