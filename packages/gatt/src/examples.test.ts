import {
  assumeClock,
  decodeBatteryLevel,
  decodeBloodPressure,
  decodeCgm,
  decodeCuffPressure,
  decodeCurrentTime,
  decodeGlucose,
  decodeHeartRate,
  decodePlxContinuous,
  decodePlxSpotCheck,
  decodeRecordResponse,
  decodeTemperature,
  decodeWeight,
  encodeRecordRequest,
  GattError,
  type Measurement,
  type MedicalFloat,
  type Readings,
  readingsOf,
  toNumber,
} from "@siphms/gatt";
import { describe, expect, it } from "vitest";
import { hex } from "./testing/hex.ts";

/** All of a day after the examples' own date, so that none lies in the future. */
const ARRIVED = Date.UTC(2026, 2, 15);
const NAN: MedicalFloat = { kind: "special", special: "nan" };

function utc(hours: number, minutes: number, seconds = 0): number {
  return Date.UTC(2026, 2, 14, hours, minutes, seconds);
}

function read(measurement: Measurement): Readings {
  return readingsOf(measurement, { arrivedAt: ARRIVED, clock: assumeClock(0), user: "any" });
}

/** What becomes of a measurement, as kinds and wire values. */
function values(measurement: Measurement): readonly unknown[] {
  return read(measurement).series.map((series) => [series.kind, ...series.values]);
}

function numbers(...parts: readonly (MedicalFloat | undefined)[]): readonly unknown[] {
  return parts.map((part) => part && toNumber(part));
}

describe("the worked examples of the byte tables, section 12", () => {
  const done: number[] = [];

  function example(number: number, title: string, run: () => void): void {
    it(`example ${number}: ${title}`, () => {
      run();
      done.push(number);
    });
  }

  example(1, "72 bpm, contact not supported", () => {
    const rate = decodeHeartRate(hex("00 48"));
    expect(rate).toMatchObject({
      heartRateBpm: 72,
      contact: "not-supported",
      energyKilojoules: undefined,
      rrIntervalsMs: [],
    });
    expect(values(rate)).toEqual([[1, 72]]);
  });
  example(2, "64 bpm with contact and two RR intervals", () => {
    const rate = decodeHeartRate(hex("16 40 C0 03 B0 03"));
    expect(rate).toMatchObject({
      heartRateBpm: 64,
      contact: "present",
      rrIntervalsMs: [937.5, 921.875],
    });
    expect(values(rate)).toEqual([
      [1, 64],
      [8, 938, 922],
    ]);
  });
  example(3, "188 bpm in 16 bits, 1,200 kJ, three RR intervals", () => {
    const rate = decodeHeartRate(hex("1F BC 00 B0 04 47 01 40 01 4B 01"));
    expect(rate).toMatchObject({
      heartRateBpm: 188,
      contact: "present",
      energyKilojoules: 1200,
    });
    expect(rate.rrIntervalsMs.map((ms) => ms.toFixed(3))).toEqual([
      "319.336",
      "312.500",
      "323.242",
    ]);
  });
  example(4, "no contact and 0 bpm is no reading", () => {
    const rate = decodeHeartRate(hex("04 00"));
    expect(rate).toMatchObject({ heartRateBpm: 0, contact: "absent" });
    expect(read(rate)).toMatchObject({
      series: [],
      withheld: [{ kind: 1, reason: "no-contact" }],
    });
  });
  example(5, "257 bpm, 306 kJ, RR at the ends of its range", () => {
    const rate = decodeHeartRate(hex("1F 01 01 32 01 01 00 02 01 FF FF"));
    expect(rate).toMatchObject({
      heartRateBpm: 257,
      contact: "present",
      energyKilojoules: 306,
    });
    expect(rate.rrIntervalsMs.map((ms) => (ms * 1024) / 1000)).toEqual([1, 258, 65_535]);
  });
  example(6, "RR announced and missing is malformed", () => {
    expect(() => decodeHeartRate(hex("17 01 01"))).toThrow(GattError);
  });
  example(7, "128/82 mmHg, mean 97, pulse 71, user 1, irregular pulse", () => {
    const cuff = decodeBloodPressure(
      hex("1E 80 00 52 00 61 00 EA 07 03 0E 07 05 1E 47 00 01 04 00"),
    );
    expect(numbers(cuff.systolic, cuff.diastolic, cuff.mean, cuff.pulseRateBpm)).toEqual([
      128, 82, 97, 71,
    ]);
    expect(cuff).toMatchObject({
      unit: "mmHg",
      userId: 1,
      timestamp: { localMs: utc(7, 5, 30) },
      status: { names: ["irregular-pulse"] },
    });
    expect(values(cuff)).toEqual([
      [2, [128, 82, 97]],
      [11, 71],
    ]);
    expect(read(cuff).time).toEqual({
      at: utc(7, 5, 30),
      source: "meter",
      isEstimated: false,
    });
  });
  example(8, "17.1/10.9 kPa, mean 13.0, pulse 71", () => {
    const cuff = decodeBloodPressure(hex("05 AB F0 6D F0 82 F0 47 00"));
    expect(cuff.unit).toBe("kPa");
    expect(numbers(cuff.systolic, cuff.diastolic, cuff.mean, cuff.pulseRateBpm)).toEqual([
      17.1, 10.9, 13, 71,
    ]);
    expect(values(cuff)).toEqual([
      [2, [128, 82, 98]],
      [11, 71],
    ]);
  });
  example(9, "120/80 mmHg without a mean", () => {
    const cuff = decodeBloodPressure(hex("00 78 00 50 00 FF 07"));
    expect(cuff.mean).toEqual(NAN);
    expect(read(cuff)).toMatchObject({ series: [{ values: [[120, 80, null]] }], withheld: [] });
  });
  example(10, "a failed measurement: movement and a loose cuff", () => {
    const cuff = decodeBloodPressure(hex("14 FF 07 FF 07 FF 07 FF 07 03 00"));
    expect(cuff).toMatchObject({
      systolic: NAN,
      diastolic: NAN,
      mean: NAN,
      pulseRateBpm: NAN,
      status: { names: ["body-movement", "cuff-too-loose"] },
    });
    expect(read(cuff)).toMatchObject({
      series: [],
      withheld: [
        { kind: 2, reason: "no-value" },
        { kind: 11, reason: "no-value" },
      ],
    });
  });
  example(11, "138/88 mmHg of an unknown year: the time is estimated", () => {
    const cuff = decodeBloodPressure(
      hex("1E 8A 00 58 00 78 00 00 00 04 11 14 29 3B 3C 00 01 27 00"),
    );
    expect(numbers(cuff.systolic, cuff.diastolic, cuff.mean, cuff.pulseRateBpm)).toEqual([
      138, 88, 120, 60,
    ]);
    expect(cuff).toMatchObject({
      userId: 1,
      timestamp: { year: 0, month: 4, day: 17, hours: 20, minutes: 41, seconds: 59 },
      status: {
        bits: 0x27,
        names: ["body-movement", "cuff-too-loose", "irregular-pulse", "improper-position"],
      },
    });
    expect(read(cuff).time).toEqual({ at: ARRIVED, source: "arrival", isEstimated: true });
  });
  example(12, "the cuff at 143 mmHg is not a reading", () => {
    const cuff = decodeCuffPressure(hex("00 8F 00 FF 07 FF 07"));
    expect(cuff.type).toBe("cuff-pressure");
    expect(numbers(cuff.pressure)).toEqual([143]);
  });
  example(13, "36.8 °C in the mouth", () => {
    const thermometer = decodeTemperature(hex("06 70 01 00 FF EA 07 03 0E 07 06 00 06"));
    expect(thermometer).toMatchObject({ unit: "celsius", site: 6 });
    expect(numbers(thermometer.temperature)).toEqual([36.8]);
    expect(values(thermometer)).toEqual([[5, 3680]]);
    expect(read(thermometer)).toMatchObject({
      time: { at: utc(7, 6) },
      series: [{ sensor: { bodySite: 6 } }],
    });
  });
  example(14, "99.86 °F are 37.70 °C", () => {
    const thermometer = decodeTemperature(hex("01 02 27 00 FE"));
    expect(thermometer.unit).toBe("fahrenheit");
    expect(numbers(thermometer.temperature)).toEqual([99.86]);
    expect(values(thermometer)).toEqual([[5, 3770]]);
  });
  example(15, "a temperature without a value", () => {
    const thermometer = decodeTemperature(hex("00 FF FF 7F 00"));
    expect(thermometer.temperature).toEqual(NAN);
    expect(read(thermometer)).toMatchObject({
      series: [],
      withheld: [{ kind: 5, reason: "no-value" }],
    });
  });
  example(16, "SpO2 97 %, pulse 66, low perfusion", () => {
    const oximeter = decodePlxSpotCheck(
      hex("0F 61 00 42 00 EA 07 03 0E 07 07 0F 80 01 20 00 00 0C F0"),
    );
    expect(oximeter).toMatchObject({
      timestamp: { localMs: utc(7, 7, 15) },
      isClockUnset: false,
      measurementStatus: { names: ["validated", "fully-qualified"] },
      deviceStatus: { names: ["low-perfusion"] },
    });
    expect(numbers(oximeter.pulseAmplitudeIndex)).toEqual([1.2]);
    expect(values(oximeter)).toEqual([
      [3, 970],
      [11, 66],
    ]);
  });
  example(17, "SpO2 91 %, pulse 118, questionable", () => {
    const oximeter = decodePlxContinuous(hex("04 5B 00 76 00 00 40"));
    expect(oximeter.measurementStatus?.names).toEqual(["questionable"]);
    expect(read(oximeter).series).toMatchObject([
      { kind: 3, values: [910], status: [0x4000] },
      { kind: 11, values: [118], status: [0x4000] },
    ]);
  });
  example(18, "normal, fast and slow values", () => {
    const oximeter = decodePlxContinuous(hex("03 5F 00 48 00 5E 00 4A 00 60 00 47 00"));
    const { normal, fast, slow } = oximeter;
    expect([normal, fast, slow].map((pair) => numbers(pair?.spo2, pair?.pulseRateBpm))).toEqual([
      [95, 72],
      [94, 74],
      [96, 71],
    ]);
    expect(oximeter.measurementStatus).toBeUndefined();
    expect(values(oximeter)).toEqual([
      [3, 950],
      [11, 72],
    ]);
  });
  example(19, "an oximeter that nobody wears", () => {
    const oximeter = decodePlxContinuous(hex("08 FF 07 FF 07 00 88 00"));
    expect(oximeter.normal).toEqual({ spo2: NAN, pulseRateBpm: NAN });
    expect(oximeter.deviceStatus?.names).toEqual([
      "sensor-unconnected-to-user",
      "sensor-disconnected",
    ]);
    expect(read(oximeter).series).toEqual([]);
  });
  example(20, "record 37: 5.6 mmol/L an hour before the base time", () => {
    const meter = decodeGlucose(hex("07 25 00 EA 07 03 0E 06 2D 00 C4 FF 38 C0 11"));
    expect(meter).toMatchObject({
      sequence: 37,
      timeOffsetMinutes: -60,
      localMs: utc(5, 45),
      unit: "mol/L",
      sampleType: 1,
      sampleLocation: 1,
    });
    expect(meter.concentration && toNumber(meter.concentration, 3)).toBe(5.6);
    expect(values(meter)).toEqual([[6, 1009]]);
    expect(read(meter).time.at).toBe(utc(5, 45));
  });
  example(21, "record 38: 101 mg/dL", () => {
    const meter = decodeGlucose(hex("02 26 00 EA 07 03 0E 0C 1E 00 65 B0 11"));
    expect(meter).toMatchObject({
      sequence: 38,
      localMs: utc(12, 30),
      unit: "kg/L",
      sampleType: 1,
      sampleLocation: 1,
    });
    expect(values(meter)).toEqual([[6, 1010]]);
  });
  example(22, "record 39: the meter says HIGH, there is no number", () => {
    const meter = decodeGlucose(hex("0A 27 00 EA 07 03 0E 0C 1F 00 FE 07 11 20 00"));
    expect(meter).toMatchObject({
      sequence: 39,
      concentration: { kind: "special", special: "positive-infinity" },
      status: { names: ["above-range"] },
    });
    expect(read(meter)).toMatchObject({
      series: [],
      withheld: [{ kind: 6, reason: "above-range" }],
    });
  });
  example(23, "the request for records from 38 on", () => {
    const request = encodeRecordRequest({
      kind: "report",
      filter: { kind: "from", sequence: 38 },
    });
    expect(request).toEqual(hex("01 03 01 26 00"));
  });
  example(24, "responses: success, no records", () => {
    const response = (octets: string) => decodeRecordResponse(hex(octets));
    expect(response("06 00 01 01")).toEqual({ kind: "result", request: 1, result: "success" });
    expect(response("06 00 01 06")).toEqual({
      kind: "result",
      request: 1,
      result: "no-records",
    });
  });
  example(25, "a count of two records", () => {
    expect(decodeRecordResponse(hex("05 00 02 00"))).toEqual({ kind: "count", count: 2 });
  });
  example(26, "118 mg/dL after 15 minutes, with a right checksum", () => {
    const [record, ...others] = decodeCgm(hex("08 00 76 00 0F 00 3F BB"), { hasCrc: true });
    expect(others).toEqual([]);
    expect(record).toMatchObject({ minutes: 15, trailingOctets: 0 });
    expect(numbers(record?.glucoseMgDl)).toEqual([118]);
  });
  example(27, "two records in one value, the second with its trend", () => {
    const records = decodeCgm(hex("06 00 70 00 14 00 08 01 6D 00 19 00 FA FF"), {
      hasCrc: false,
    });
    expect(
      records.map((record) => [
        record.minutes,
        ...numbers(record.glucoseMgDl, record.trendMgDlPerMinute),
      ]),
    ).toEqual([
      [20, 112, undefined],
      [25, 109, -0.6],
    ]);
  });
  example(28, "73.25 kg of user 2, with index and height", () => {
    const scale = decodeWeight(hex("0E 3A 39 EA 07 03 0E 07 0A 00 02 EF 00 D6 06"));
    expect(scale).toMatchObject({
      weight: 73.25,
      unit: "kg",
      userId: 2,
      bodyMassIndex: 23.9,
      height: { value: 1.75, unit: "m" },
    });
    expect(values(scale)).toEqual([[7, 7325]]);
    expect(read(scale).time.at).toBe(utc(7, 10));
  });
  example(29, "161.50 lb are 73.26 kg", () => {
    const scale = decodeWeight(hex("01 16 3F"));
    expect(scale).toMatchObject({ weight: 161.5, unit: "lb" });
    expect(values(scale)).toEqual([[7, 7326]]);
  });
  example(30, "a Saturday, half a second after seven", () => {
    expect(decodeCurrentTime(hex("EA 07 03 0E 07 00 00 06 80 00"))).toMatchObject({
      dayOfWeek: 6,
      fractions256: 128,
      localMs: utc(7, 0) + 500,
      adjustReasons: { names: [] },
    });
  });
  example(31, "a battery at 87 %", () => {
    expect(decodeBatteryLevel(hex("57"))).toBe(87);
  });
  example(32, "19 octets needed, 9 given", () => {
    const decode = () => decodeBloodPressure(hex("1E 80 00 52 00 61 00 EA 07"));
    expect(decode).toThrow("19 octets needed, 9 given");
    expect(decode).toThrow(
      expect.objectContaining({ code: "GATT_TOO_SHORT", needed: 19, given: 9 }),
    );
  });

  it("are all 32, each once", () => {
    expect(done).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
  });
});
