import {
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
  decodeSystemId,
  decodeTemperature,
  decodeText,
  decodeWeight,
  GattError,
  toNumber,
  type Value,
} from "@siphms/gatt";
import { describe, expect, it } from "vitest";
import { crcOf } from "./cgm.ts";
import { hex } from "./testing/hex.ts";
import { refusal } from "./testing/refusal.ts";

/** For each characteristic with flags a value with every field that it knows. */
const WHOLE: readonly (readonly [
  name: string,
  decode: (value: Value) => { readonly trailingOctets: number; readonly reservedFlags: number },
  octets: string,
  reserved: number,
])[] = [
  ["heart rate", decodeHeartRate, "0F 48 00 64 00", 0xe0],
  [
    "blood pressure",
    decodeBloodPressure,
    "1E 80 00 52 00 61 00 EA 07 03 0E 07 05 1E 47 00 01 04 00",
    0xe0,
  ],
  ["cuff pressure", decodeCuffPressure, "00 8F 00 FF 07 FF 07", 0xe0],
  ["temperature", decodeTemperature, "06 70 01 00 FF EA 07 03 0E 07 06 00 06", 0xf8],
  ["a rising temperature", decodeIntermediateTemperature, "04 70 01 00 FF 06", 0xf8],
  [
    "spot-check",
    decodePlxSpotCheck,
    "0F 61 00 42 00 EA 07 03 0E 07 07 0F 80 01 20 00 00 0C F0",
    0xe0,
  ],
  [
    "continuous oximetry",
    decodePlxContinuous,
    "1F 5F 00 48 00 5E 00 4A 00 60 00 47 00 00 01 00 00 00 0C F0",
    0xe0,
  ],
  ["glucose", decodeGlucose, "0F 25 00 EA 07 03 0E 06 2D 00 C4 FF 38 C0 11 00 00", 0xe0],
  ["weight", decodeWeight, "0E 3A 39 EA 07 03 0E 07 0A 00 02 EF 00 D6 06", 0xf0],
];

describe.each(WHOLE)("a value of %s", (_name, decode, octets, reserved) => {
  const whole = hex(octets);

  it("is refused at every length below its own", () => {
    for (let length = 0; length < whole.length; length++)
      expect(
        refusal(() => decode(whole.subarray(0, length))),
        `${length}`,
      ).toBe("GATT_TOO_SHORT");
    expect(refusal(() => decode(whole))).toBeUndefined();
  });

  it("with more octets than it knows is taken, and they are counted", () => {
    expect(decode(Uint8Array.of(...whole, 1, 2, 3)).trailingOctets).toBe(3);
    expect(decode(whole).trailingOctets).toBe(0);
  });

  it("with the flags of a newer sensor is taken as far as it is known, and they are noted", () => {
    const newer = Uint8Array.of(whole[0]! | reserved, ...whole.subarray(1), 9, 9);
    expect(decode(newer)).toMatchObject({ reservedFlags: reserved, trailingOctets: 2 });
    expect(decode(whole).reservedFlags).toBe(0);
  });

  it("is read where it stands in a larger buffer, and its octets are a copy", () => {
    const around = Uint8Array.of(0xff, 0xff, 0xff, ...whole, 0xff, 0xff);
    const before = around.slice();
    const view = new DataView(around.buffer, 3, whole.length);
    const decoded = decode(view);
    expect(decoded).toEqual(decode(whole));
    expect(around).toEqual(before);
    around.fill(0);
    expect(decoded).toMatchObject({ octets: whole });
  });
});

describe("what goes wrong with a value", () => {
  it("is told by lengths and by no octet of it", () => {
    const error = new GattError("GATT_VALUE", "text");
    expect([error.needed, error.given, error.cause]).toEqual([undefined, undefined, undefined]);
    expect(() => decodeHeartRate(hex("01 FE"))).toThrow(
      expect.objectContaining({ message: "3 octets needed, 2 given", needed: 3, given: 2 }),
    );
  });
});

describe("a heart rate", () => {
  it("is refused with half an RR interval", () => {
    expect(refusal(() => decodeHeartRate(hex("10 48 00 04 00")))).toBe("GATT_LENGTH");
    expect(refusal(() => decodeHeartRate(hex("10 48 00")))).toBe("GATT_TOO_SHORT");
    expect(refusal(() => decodeHeartRate(hex("10 48")))).toBe("GATT_TOO_SHORT");
  });

  it("has no RR intervals where a newer sensor's field may stand among them", () => {
    expect(decodeHeartRate(hex("30 48 00 04 07"))).toMatchObject({
      heartRateBpm: 72,
      rrIntervalsMs: [],
      reservedFlags: 0x20,
      trailingOctets: 3,
    });
  });

  it("says contact only where the sensor does", () => {
    const contact = ["00 48", "02 48", "04 48", "06 48"].map(
      (o) => decodeHeartRate(hex(o)).contact,
    );
    expect(contact).toEqual(["not-supported", "not-supported", "absent", "present"]);
  });

  it("comes from one place of the body, which is one octet", () => {
    expect(decodeBodySensorLocation(hex("01"))).toBe(1);
    expect(refusal(() => decodeBodySensorLocation(hex("")))).toBe("GATT_TOO_SHORT");
    expect(refusal(() => decodeBodySensorLocation(hex("01 02")))).toBe("GATT_LENGTH");
  });
});

describe("a blood pressure", () => {
  const withStatus = (bits: number) =>
    decodeBloodPressure(Uint8Array.of(0x10, 0, 0, 0, 0, 0, 0, bits, 0xff)).status;

  it("has a pulse above, below or in its range, and nothing where the code is reserved", () => {
    expect([0x00, 0x08, 0x10, 0x18].map((bits) => withStatus(bits)?.names)).toEqual([
      [],
      ["pulse-above-range"],
      ["pulse-below-range"],
      [],
    ]);
  });

  it("keeps the status bits that have no name", () => {
    expect(withStatus(0xc0)).toEqual({ bits: 0xffc0, names: [] });
  });

  it("does not need the unused fields of a cuff's progress to be NaN", () => {
    expect(toNumber(decodeCuffPressure(hex("00 8F 00 00 00 00 00")).pressure)).toBe(143);
  });

  it("comes from a cuff whose features are two octets", () => {
    expect(decodeBloodPressureFeature(hex("25 00")).names).toEqual([
      "body-movement",
      "irregular-pulse",
      "multiple-bonds",
    ]);
    expect(refusal(() => decodeBloodPressureFeature(hex("25")))).toBe("GATT_TOO_SHORT");
    expect(refusal(() => decodeBloodPressureFeature(hex("25 00 00")))).toBe("GATT_LENGTH");
  });
});

describe("an oximeter", () => {
  it("has its flags in another order in spot-checks than in continuous measurements", () => {
    const spot = decodePlxSpotCheck(hex("02 61 00 42 00 80 00"));
    expect(spot.measurementStatus?.names).toEqual(["validated"]);
    expect(refusal(() => decodePlxContinuous(hex("02 61 00 42 00 80 00")))).toBe("GATT_TOO_SHORT");
  });

  it("says that its clock was never set", () => {
    expect(decodePlxSpotCheck(hex("10 61 00 42 00")).isClockUnset).toBe(true);
    expect(decodePlxSpotCheck(hex("00 61 00 42 00")).isClockUnset).toBe(false);
  });

  it("has status bits up to the 24th", () => {
    const { deviceStatus } = decodePlxContinuous(hex("08 61 00 42 00 01 80 C0"));
    expect(deviceStatus).toEqual({
      bits: 0xc08001,
      names: ["extended-display-update", "sensor-disconnected"],
    });
  });

  it("names its features and the status bits that it supports", () => {
    expect(decodePlxFeatures(hex("03 00 80 01 20 00 00"))).toMatchObject({
      features: { names: ["measurement-status", "device-status"] },
      measurementStatus: { names: ["validated", "fully-qualified"] },
      deviceStatus: { names: ["low-perfusion"] },
    });
    expect(decodePlxFeatures(hex("0C 00")).measurementStatus).toBeUndefined();
  });

  it.each(["", "00", "01 00", "01 00 80", "02 00 00 00", "03 00 80 01 20 00"])(
    "whose features end early is refused: %s",
    (octets) => {
      expect(refusal(() => decodePlxFeatures(hex(octets)))).toBe("GATT_TOO_SHORT");
    },
  );
});

describe("a thermometer", () => {
  it("tells a measurement from a number that still rises", () => {
    const [measured, rising] = [decodeTemperature, decodeIntermediateTemperature].map((decode) =>
      decode(hex("00 70 01 00 FF")),
    );
    expect([measured?.type, rising?.type]).toEqual(["temperature", "intermediate-temperature"]);
    expect(rising).toEqual({ ...measured, type: "intermediate-temperature" });
  });
});

describe("a scale", () => {
  it("that could not measure has no weight", () => {
    expect(decodeWeight(hex("00 FF FF")).weight).toBeUndefined();
    expect(decodeWeight(hex("01 FF FF")).weight).toBeUndefined();
    expect(decodeWeight(hex("00 FE FF")).weight).toBe(327.67);
  });

  it("gives height in inches with a weight in pounds", () => {
    expect(decodeWeight(hex("09 16 3F EF 00 B1 02")).height).toEqual({ value: 68.9, unit: "in" });
  });
});

describe("a glucose meter", () => {
  it.each(["FF 7F", "00 80"])("whose offset overran (%s) has no time", (offset) => {
    const meter = decodeGlucose(hex(`01 25 00 EA 07 03 0E 06 2D 00 ${offset}`));
    expect(meter.localMs).toBeUndefined();
    expect(meter.baseTime.localMs).toBe(Date.UTC(2026, 2, 14, 6, 45));
  });

  it("without a date has no time, whatever the offset", () => {
    expect(decodeGlucose(hex("01 25 00 00 00 00 00 06 2D 00 0A 00")).localMs).toBeUndefined();
  });

  it("tells type and place of the sample apart", () => {
    expect(decodeGlucose(hex("02 26 00 EA 07 03 0E 0C 1E 00 65 B0 F4"))).toMatchObject({
      sampleType: 4,
      sampleLocation: 15,
    });
  });

  it("announces a context", () => {
    expect(decodeGlucose(hex("10 26 00 EA 07 03 0E 0C 1E 00")).contextFollows).toBe(true);
    expect(decodeGlucose(hex("00 26 00 EA 07 03 0E 0C 1E 00")).contextFollows).toBe(false);
  });

  const context = hex("FF 25 00 80 03 32 A0 02 51 58 02 32 01 0A D0 3C F0");

  it("sends everything that a context can hold", () => {
    const decoded = decodeGlucoseContext(context);
    expect(decoded).toMatchObject({
      sequence: 37,
      reservedFlags: 0x80,
      carbohydrate: { id: 3 },
      meal: 2,
      tester: 1,
      health: 5,
      exercise: { seconds: 600, intensityPercent: 50 },
      medication: { id: 1, unit: "L" },
      trailingOctets: 0,
    });
    expect(decoded.hba1cPercent && toNumber(decoded.hba1cPercent)).toBe(6);
    expect(decoded.carbohydrate && toNumber(decoded.carbohydrate.kilograms)).toBe(0.00005);
  });

  it("sends a context without anything", () => {
    expect(decodeGlucoseContext(hex("00 25 00"))).toMatchObject({
      sequence: 37,
      reservedFlags: 0,
      carbohydrate: undefined,
      meal: undefined,
      tester: undefined,
      exercise: undefined,
      medication: undefined,
      hba1cPercent: undefined,
    });
  });

  it("sends a context that is refused at every length below its own", () => {
    for (let length = 0; length < context.length; length++)
      expect(refusal(() => decodeGlucoseContext(context.subarray(0, length)))).toBe(
        "GATT_TOO_SHORT",
      );
  });

  it("counts exercise up to its overrun", () => {
    expect(decodeGlucoseContext(hex("08 25 00 FF FF 32")).exercise).toEqual({
      seconds: undefined,
      intensityPercent: 50,
    });
  });

  it("measures medication in kilograms where no flag says litres", () => {
    expect(decodeGlucoseContext(hex("10 25 00 01 0A D0")).medication?.unit).toBe("kg");
  });
});

describe("a continuous glucose sensor", () => {
  it("has the checksum of the published value", () => {
    expect(crcOf(hex("0F E3 D2 E4 05 00 02 14 FF 02 F0 E5 F3"))).toBe(0x3f8e);
  });

  it("is refused with a wrong checksum", () => {
    for (const octets of ["08 00 76 00 0F 00 3F BA", "08 00 77 00 0F 00 3F BB"])
      expect(refusal(() => decodeCgm(hex(octets), { hasCrc: true }))).toBe("GATT_CHECKSUM");
  });

  it("is refused as a whole for one bad record", () => {
    const octets = hex("08 00 76 00 0F 00 3F BB 08 00 76 00 0F 00 3F BA");
    expect(refusal(() => decodeCgm(octets, { hasCrc: true }))).toBe("GATT_CHECKSUM");
  });

  it.each([
    ["", "GATT_TOO_SHORT"],
    ["06", "GATT_TOO_SHORT"],
    ["06 00 70 00 14", "GATT_TOO_SHORT"],
    ["07 00 70 00 14 00", "GATT_TOO_SHORT"],
    ["06 01 70 00 14 00", "GATT_TOO_SHORT"],
    ["06 80 70 00 14 00", "GATT_TOO_SHORT"],
    ["06 00 70 00 14 00 06", "GATT_TOO_SHORT"],
    ["00 00 70 00 14 00", "GATT_VALUE"],
    ["05 00 70 00 14 00", "GATT_VALUE"],
    ["06 00 70 00 14 00 00", "GATT_VALUE"],
  ])("is refused where a record's size is wrong: %s", (octets, code) => {
    expect(refusal(() => decodeCgm(hex(octets), { hasCrc: false }))).toBe(code);
  });

  it("is refused where its checksum would be part of its fields", () => {
    expect(refusal(() => decodeCgm(hex("06 00 70 00 14 00"), { hasCrc: true }))).toBe(
      "GATT_TOO_SHORT",
    );
  });

  it("has a status of 24 bits only where all three octets came", () => {
    const [all] = decodeCgm(hex("09 E0 70 00 14 00 01 02 03"), { hasCrc: false });
    expect(all).toMatchObject({ status: 0x030201, statusOctets: { 5: 1, 6: 2, 7: 3 } });
    const [part] = decodeCgm(hex("07 40 70 00 14 00 02"), { hasCrc: false });
    expect(part).toMatchObject({ status: undefined, statusOctets: { 6: 2 } });
  });

  it("notes flags and octets of a newer sensor", () => {
    const [record] = decodeCgm(hex("09 06 70 00 14 00 64 00 07"), { hasCrc: false });
    expect(record).toMatchObject({ reservedFlags: 0x04, trailingOctets: 1 });
    expect(record?.qualityPercent && toNumber(record.qualityPercent)).toBe(100);
  });
});

describe("a battery", () => {
  it.each([
    ["", "GATT_TOO_SHORT"],
    ["65", "GATT_VALUE"],
    ["FF", "GATT_VALUE"],
    ["57 00", "GATT_LENGTH"],
  ])("is refused: %s", (octets, code) => {
    expect(refusal(() => decodeBatteryLevel(hex(octets)))).toBe(code);
  });

  it("goes from 0 to 100 %", () => {
    expect([decodeBatteryLevel(hex("00")), decodeBatteryLevel(hex("64"))]).toEqual([0, 100]);
  });
});

describe("device information", () => {
  const text = (characters: string) => decodeText(new TextEncoder().encode(characters));

  it("is text up to a NUL, without blanks around it", () => {
    expect(text(" Acme Ĉ 12 ")).toBe("Acme Ĉ 12");
    expect(text("Acme\0")).toBe("Acme");
    expect(text("Acme\0\nrest\0")).toBe("Acme");
    expect(text("")).toBe("");
  });

  it.each(["FF", "41 C3", "C0 80", "ED A0 80"])("is refused where it is no UTF-8: %s", (octets) => {
    expect(refusal(() => decodeText(hex(octets)))).toBe("GATT_VALUE");
  });

  it("has a System ID of two numbers", () => {
    expect(decodeSystemId(hex("01 02 03 04 05 06 07 08"))).toEqual({
      manufacturerId: 0x0504030201,
      organisationId: 0x080706,
    });
    expect(decodeSystemId(hex("FF FF FF FF FF FF FF FF")).manufacturerId).toBe(2 ** 40 - 1);
  });

  it("has a PnP ID of four", () => {
    expect(decodePnpId(hex("02 5E 04 40 00 00 03"))).toEqual({
      source: 2,
      vendorId: 0x045e,
      productId: 0x0040,
      productVersion: 0x0300,
    });
  });

  it.each([
    [decodeSystemId, 8],
    [decodePnpId, 7],
  ])("is refused at another length", (decode, length) => {
    expect(refusal(() => decode(new Uint8Array(length - 1)))).toBe("GATT_TOO_SHORT");
    expect(refusal(() => decode(new Uint8Array(length + 1)))).toBe("GATT_LENGTH");
  });
});

describe("a sensor's clock", () => {
  it.each([
    ["EA 07 03 0E 07 00 00 06 80", "GATT_TOO_SHORT"],
    ["EA 07 03 0E 07 00 00 06 80 00 00", "GATT_LENGTH"],
    ["EA 07 03 0E 07 00 00 08 80 00", "GATT_VALUE"],
  ])("is refused: %s", (octets, code) => {
    expect(refusal(() => decodeCurrentTime(hex(octets)))).toBe(code);
  });

  it("says why it was set", () => {
    expect(decodeCurrentTime(hex("EA 07 03 0E 07 00 00 00 00 0D")).adjustReasons.names).toEqual([
      "manual",
      "time-zone",
      "daylight-saving",
    ]);
  });

  const shown = (octets: string) => decodeCurrentTime(hex(`${octets} 00 00 00`)).localMs;

  it.each([
    ["00 00 03 0E 07 00 00", "an unknown year"],
    ["EA 07 00 0E 07 00 00", "an unknown month"],
    ["EA 07 03 00 07 00 00", "an unknown day"],
    ["EA 07 0D 01 07 00 00", "a 13th month"],
    ["EA 07 04 1F 07 00 00", "a 31 April"],
    ["EA 07 02 1D 07 00 00", "a 29 February of no leap year"],
    ["6C 07 02 1D 07 00 00", "a 29 February of 1900"],
    ["EA 07 03 0E 18 00 00", "24 hours"],
    ["EA 07 03 0E 07 3C 00", "60 minutes"],
    ["EA 07 03 0E 07 00 3C", "60 seconds"],
    ["2D 06 03 0E 07 00 00", "the year 1581"],
    ["10 27 03 0E 07 00 00", "the year 10,000"],
    ["FF FF FF FF FF FF FF", "all bits set"],
  ])("shows no time with %s: %s", (octets) => {
    expect(shown(octets)).toBeUndefined();
  });

  it("shows a time on real dates", () => {
    expect(shown("E8 07 02 1D 17 3B 3B")).toBe(Date.UTC(2024, 1, 29, 23, 59, 59));
    expect(shown("D0 07 02 1D 00 00 00")).toBe(Date.UTC(2000, 1, 29));
    expect(shown("2E 06 01 01 00 00 00")).toBe(Date.UTC(1582, 0, 1));
  });
});
