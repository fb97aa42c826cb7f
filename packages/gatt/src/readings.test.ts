import {
  type Arrival,
  assumeClock,
  decodeBloodPressure,
  decodeCurrentTime,
  decodeGlucose,
  decodeHeartRate,
  decodePlxContinuous,
  decodePlxSpotCheck,
  decodeTemperature,
  decodeWeight,
  type Measurement,
  measureClock,
  readingsOf,
} from "@siphms/gatt";
import { judge } from "@siphms/vitals";
import { describe, expect, it } from "vitest";
import { hex } from "./testing/hex.ts";

const NOON = Date.UTC(2026, 2, 14, 12);
const HOUR = 3_600_000;
const LIVE: Arrival = { arrivedAt: NOON };

/** 120/80 mmHg with this time (Date Time octets) and user. */
function cuff(time = "EA 07 03 0E 0B 00 00", user = "FF"): Measurement {
  return decodeBloodPressure(hex(`0A 78 00 50 00 5D 00 ${time} ${user}`));
}

/** 101 mg/dL with this octet for type and location and these status bits. */
function glucose(sample: string, status = "00 00", concentration = "65 B0"): Measurement {
  return decodeGlucose(hex(`0A 26 00 EA 07 03 0E 0B 00 00 ${concentration} ${sample} ${status}`));
}

function withheld(measurement: Measurement, arrival: Arrival = LIVE): readonly unknown[] {
  return readingsOf(measurement, arrival).withheld.map(({ kind, reason }) => [kind, reason]);
}

function values(measurement: Measurement): readonly unknown[] {
  return readingsOf(measurement, LIVE).series.map((series) => [series.kind, ...series.values]);
}

describe("a heart rate", () => {
  it("is of now and carries its flags, by which its contact is judged", () => {
    const { series, time } = readingsOf(decodeHeartRate(hex("06 48")), LIVE);
    expect(series).toEqual([
      { kind: 1, start: NOON, step: 0, values: [72], origin: 0, status: [6] },
    ]);
    expect(time).toEqual({ at: NOON, source: "arrival", isEstimated: false });
  });

  it("without contact goes where it is kept apart, its RR intervals nowhere", () => {
    const { series, withheld } = readingsOf(decodeHeartRate(hex("14 48 00 04")), LIVE);
    expect(series).toHaveLength(1);
    expect(judge(1, 72, series[0]?.status?.[0])).toEqual({
      verdict: "implausible",
      reason: "no-contact",
    });
    expect(withheld).toEqual([{ kind: 8, reason: "no-contact" }]);
  });

  it("of 0 with contact goes where it is kept apart too", () => {
    expect(values(decodeHeartRate(hex("06 00")))).toEqual([[1, 0]]);
  });

  it("has RR intervals that end at their beats, the last one now", () => {
    const [, intervals] = readingsOf(decodeHeartRate(hex("16 40 C0 03 B0 03 C0 03")), LIVE).series;
    expect(intervals).toEqual({
      kind: 8,
      start: NOON - 1859,
      deltas: [0, 921, 938],
      values: [938, 922, 938],
      origin: 0,
    });
  });

  it("has hundreds of RR intervals without drift", () => {
    const octets = [0x10, 60, ...new Array<number>(250).fill(0).flatMap(() => [0x01, 0x03])];
    const [, intervals] = readingsOf(decodeHeartRate(Uint8Array.from(octets)), LIVE).series;
    const span = intervals!.deltas!.reduce((sum, delta) => sum + delta, 0);
    expect(span).toBe(Math.round((249 * 0x301 * 1000) / 1024));
    expect(intervals!.start + span).toBe(NOON);
  });
});

describe("a blood pressure", () => {
  it("of which a part is beyond the cuff is stored without it, and that is said", () => {
    const measurement = decodeBloodPressure(hex("00 FE 07 50 00 FF 07"));
    expect(values(measurement)).toEqual([[2, [null, 80, null]]]);
    expect(withheld(measurement)).toEqual([[2, "above-range"]]);
  });

  it.each([
    ["FF 07 FF 07 FF 07", [[2, "no-value"]]],
    [
      "02 08 02 08 FF 07",
      [
        [2, "below-range"],
        [2, "no-value"],
      ],
    ],
    ["00 08 01 08 00 08", [[2, "error"]]],
  ])("without any number is none: %s", (octets, reasons) => {
    const measurement = decodeBloodPressure(hex(`00 ${octets}`));
    expect(values(measurement)).toEqual([]);
    expect(withheld(measurement)).toEqual(reasons);
  });

  it("gives its status to the pulse as well, whose number may be missing", () => {
    const both = decodeBloodPressure(hex("14 78 00 50 00 5D 00 47 00 04 00"));
    expect(readingsOf(both, LIVE).series.map(({ kind, status }) => [kind, status])).toEqual([
      [2, [4]],
      [11, [4]],
    ]);
    const one = decodeBloodPressure(hex("04 78 00 50 00 5D 00 FF 07"));
    expect(values(one)).toEqual([[2, [120, 80, 93]]]);
    expect(withheld(one)).toEqual([[11, "no-value"]]);
  });

  it("of another user is withheld", () => {
    for (const arrival of [{ ...LIVE, user: 2 }, { ...LIVE, user: 0 }, LIVE]) {
      const { series, repeatKey } = readingsOf(cuff(undefined, "01"), arrival);
      expect([series, repeatKey]).toEqual([[], undefined]);
      expect(withheld(cuff(undefined, "01"), arrival)).toEqual([[2, "other-user"]]);
    }
  });

  it("of nobody known is withheld on a cuff of which the patient is one user", () => {
    expect(withheld(cuff(), { ...LIVE, user: 1 })).toEqual([[2, "other-user"]]);
  });

  it("of the patient, of anybody on a cuff for one, of nobody named is stored", () => {
    const stored = [
      readingsOf(cuff(undefined, "01"), { ...LIVE, user: 1 }),
      readingsOf(cuff(undefined, "01"), { ...LIVE, user: "any" }),
      readingsOf(cuff(), LIVE),
      readingsOf(decodeBloodPressure(hex("00 78 00 50 00 5D 00")), { ...LIVE, user: 1 }),
    ];
    expect(stored.map(({ series }) => series.length)).toEqual([1, 1, 1, 1]);
  });
});

describe("an oximeter's value", () => {
  it.each([
    [10, "demonstration"],
    [11, "test"],
    [13, "unavailable"],
    [15, "invalid"],
  ])("with status bit %i (%s) is no patient's", (bit) => {
    const status = Uint8Array.of((1 << bit) & 0xff, (1 << bit) >> 8);
    const continuous = decodePlxContinuous(Uint8Array.of(...hex("04 61 00 42 00"), ...status));
    const spot = decodePlxSpotCheck(Uint8Array.of(...hex("02 61 00 42 00"), ...status));
    for (const measurement of [continuous, spot]) {
      expect(values(measurement)).toEqual([]);
      expect(withheld(measurement)).toEqual([
        [3, "not-a-patient-value"],
        [11, "not-a-patient-value"],
      ]);
    }
  });

  it.each([5, 6, 7, 8, 9, 12, 14])("with status bit %i is stored with it", (bit) => {
    const status = Uint8Array.of((1 << bit) & 0xff, (1 << bit) >> 8);
    const measurement = decodePlxContinuous(Uint8Array.of(...hex("04 61 00 42 00"), ...status));
    expect(readingsOf(measurement, LIVE).series).toMatchObject([
      { kind: 3, values: [970], status: [1 << bit] },
      { kind: 11, values: [66], status: [1 << bit] },
    ]);
  });

  it("has the device's status above its own", () => {
    const measurement = decodePlxContinuous(hex("0C 61 00 42 00 00 40 20 00 80"));
    expect(readingsOf(measurement, LIVE).series[0]?.status).toEqual([0x4000 + 0x800020 * 0x10000]);
  });

  it("without a pulse is stored alone", () => {
    const measurement = decodePlxContinuous(hex("00 61 00 FF 07"));
    expect(values(measurement)).toEqual([[3, 970]]);
    expect(withheld(measurement)).toEqual([[11, "no-value"]]);
  });

  it("is never taken from the fast or the slow pair", () => {
    expect(values(decodePlxContinuous(hex("03 FF 07 FF 07 5E 00 4A 00 60 00 47 00")))).toEqual([]);
  });

  it("has a tenth of a percent", () => {
    expect(values(decodePlxContinuous(hex("00 CD F3 42 00")))).toEqual([
      [3, 973],
      [11, 66],
    ]);
  });
});

describe("a glucose value", () => {
  it.each([
    ["1A", "00 00", "65 B0", "control-solution"],
    ["41", "00 00", "65 B0", "control-solution"],
    ["1A", "20 00", "FE 07", "control-solution"],
    ["19", "00 00", "65 B0", "not-blood"],
    ["11", "20 00", "65 B0", "above-range"],
    ["11", "40 00", "65 B0", "below-range"],
    ["11", "00 00", "02 08", "below-range"],
    ["11", "00 00", "FF 07", "no-value"],
    ["11", "00 00", "00 08", "error"],
    ["11", "00 00", "01 08", "error"],
  ])("of sample %s, status %s, number %s is withheld: %s", (sample, status, number, reason) => {
    const measurement = glucose(sample, status, number);
    expect(values(measurement)).toEqual([]);
    expect(withheld(measurement)).toEqual([[6, reason]]);
  });

  it("that is not there is withheld", () => {
    const measurement = decodeGlucose(hex("00 26 00 EA 07 03 0E 0B 00 00"));
    expect(withheld(measurement)).toEqual([[6, "no-value"]]);
  });

  it("says where the sample came from, if the meter knows", () => {
    expect(readingsOf(glucose("11", "01 00"), LIVE).series).toMatchObject([
      { kind: 6, values: [1010], status: [1], sensor: { bodySite: 1 } },
    ]);
    expect(readingsOf(glucose("F1"), LIVE).series[0]).not.toHaveProperty("sensor");
  });

  it("of a meter that doubts its time has an estimated one", () => {
    const arrival = { ...LIVE, clock: assumeClock(0) };
    expect(readingsOf(glucose("11", "00 08"), arrival).time).toEqual({
      at: NOON - HOUR,
      source: "meter",
      isEstimated: true,
    });
  });
});

describe("a weight and a temperature", () => {
  it("that could not be measured are withheld", () => {
    expect(withheld(decodeWeight(hex("00 FF FF")))).toEqual([[7, "no-value"]]);
    expect(withheld(decodeTemperature(hex("00 FE FF 7F 00")))).toEqual([[5, "above-range"]]);
    expect(withheld(decodeTemperature(hex("00 02 00 80 00")))).toEqual([[5, "below-range"]]);
  });

  it("beyond all measure are no numbers of the wire", () => {
    expect(withheld(decodeTemperature(hex("00 01 00 00 7F")))).toEqual([[5, "error"]]);
    expect(withheld(decodeTemperature(hex("01 FF FF FF 7F")))).toEqual([[5, "error"]]);
  });

  it("that are implausible are not judged here", () => {
    expect(values(decodeTemperature(hex("00 E8 03 00 00")))).toEqual([[5, 100_000]]);
    expect(values(decodeWeight(hex("00 00 00")))).toEqual([[7, 0]]);
  });

  it("are rounded to the wire's resolution, halves up", () => {
    expect(values(decodeWeight(hex("00 3B 39")))).toEqual([[7, 7326]]);
    expect(values(decodeTemperature(hex("00 61 8F 00 FD")))).toEqual([[5, 3671]]);
  });
});

describe("the time of a reading", () => {
  const time = (octets: string, arrival: Partial<Arrival> = {}) =>
    readingsOf(cuff(octets), { ...LIVE, ...arrival }).time;
  const estimated = { at: NOON, source: "arrival", isEstimated: true };

  it("is the meter's, corrected by its clock's error", () => {
    // The meter is 62 minutes ahead of UTC: an hour by its zone, two minutes by mistake.
    const shown = decodeCurrentTime(hex("EA 07 03 0E 0D 02 00 00 00 00"));
    const clock = measureClock(shown.localMs, NOON)!;
    expect(time("EA 07 03 0E 0B 02 00", { clock })).toEqual({
      at: NOON - 2 * HOUR,
      source: "meter",
      isEstimated: false,
    });
  });

  it("is the arrival, and estimated, where the meter's time says nothing", () => {
    expect(time("EA 07 03 0E 0B 00 00")).toEqual(estimated);
    expect(time("00 00 03 0E 0B 00 00", { clock: assumeClock(0) })).toEqual(estimated);
    expect(time("EA 07 02 1E 0B 00 00", { clock: assumeClock(0) })).toEqual(estimated);
  });

  it("is the arrival, and estimated, where the corrected time cannot be", () => {
    const clock = assumeClock(0);
    expect(time("EA 07 03 0E 0C 01 01", { clock })).toEqual(estimated);
    expect(time("EB 07 03 0E 0C 00 00", { clock })).toEqual(estimated);
    expect(time("CF 07 0C 1F 17 3B 3B", { clock })).toEqual(estimated);
    const broken = { offsetMs: Number.NaN, basis: "measured" } as const;
    expect(time("EA 07 03 0E 0B 00 00", { clock: broken })).toEqual(estimated);
  });

  it("is never after the arrival", () => {
    const clock = assumeClock(0);
    expect(time("EA 07 03 0E 0C 01 00", { clock })).toMatchObject({ at: NOON, source: "meter" });
  });

  it("is not read from a spot-check whose clock was never set", () => {
    const octets = "61 00 42 00 EA 07 03 0E 0B 00 00";
    const arrival = { ...LIVE, clock: assumeClock(0) };
    const unset = readingsOf(decodePlxSpotCheck(hex(`11 ${octets}`)), arrival);
    expect([unset.time, unset.repeatKey]).toEqual([estimated, undefined]);
    const set = readingsOf(decodePlxSpotCheck(hex(`01 ${octets}`)), arrival);
    expect(set.time.at).toBe(NOON - HOUR);
  });

  it("is estimated for what an oximeter kept without its time", () => {
    for (const measurement of [
      decodePlxContinuous(hex("04 61 00 42 00 00 02")),
      decodePlxSpotCheck(hex("02 61 00 42 00 00 02")),
    ])
      expect(readingsOf(measurement, LIVE).time).toEqual(estimated);
    const live = decodePlxSpotCheck(hex("12 61 00 42 00 80 00"));
    expect(readingsOf(live, LIVE).time).toMatchObject({ at: NOON, isEstimated: false });
  });

  it("needs an arrival of this century", () => {
    for (const arrivedAt of [0, -1, 1.5, Number.NaN, Infinity, Date.UTC(1999, 11, 31)])
      expect(() => readingsOf(cuff(), { arrivedAt })).toThrow(RangeError);
  });
});

describe("a measurement that comes again", () => {
  const key = (measurement: Measurement, arrival: Partial<Arrival> = {}) =>
    readingsOf(measurement, { ...LIVE, ...arrival }).repeatKey;

  it("has the same key, whenever it comes and whatever is known of the clock", () => {
    const again = { arrivedAt: NOON + HOUR, clock: assumeClock(60) };
    expect(key(cuff())).toBeTypeOf("string");
    expect(key(cuff(), again)).toBe(key(cuff()));
    expect(key(glucose("11"), again)).toBe(key(glucose("11")));
  });

  it("has another key with another time, value or number", () => {
    expect(key(cuff("EA 07 03 0E 0B 00 01"))).not.toBe(key(cuff()));
    const other = decodeBloodPressure(hex("0A 79 00 50 00 5D 00 EA 07 03 0E 0B 00 00 FF"));
    expect(key(other)).not.toBe(key(cuff()));
    const next = decodeGlucose(hex("0A 27 00 EA 07 03 0E 0B 00 00 65 B0 11 00 00"));
    expect(key(next)).not.toBe(key(glucose("11")));
  });

  it("has no key where nothing tells it from a new one", () => {
    expect(key(decodeHeartRate(hex("06 48")))).toBeUndefined();
    expect(key(decodeBloodPressure(hex("00 78 00 50 00 5D 00")))).toBeUndefined();
    expect(key(cuff("00 00 03 0E 0B 00 00"))).toBeUndefined();
    expect(key(glucose("1A"))).toBeUndefined();
  });
});

describe("what is known of the sensor", () => {
  it("is in each series, with the place of the measurement", () => {
    const sensor = { manufacturer: "Acme", batteryPercent: 87 };
    const thermometer = decodeTemperature(hex("04 70 01 00 FF 06"));
    expect(readingsOf(thermometer, { ...LIVE, sensor }).series[0]?.sensor).toEqual({
      ...sensor,
      bodySite: 6,
    });
    const strap = readingsOf(decodeHeartRate(hex("16 40 C0 03")), { ...LIVE, sensor });
    expect(strap.series.map((series) => series.sensor)).toEqual([sensor, sensor]);
    expect(sensor).toEqual({ manufacturer: "Acme", batteryPercent: 87 });
  });
});
