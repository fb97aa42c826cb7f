import { DATE_TIME_OCTETS, type DateTime } from "./date-time.ts";
import type { MedicalFloat } from "./medical-float.ts";
import {
  hasBit,
  type Layout,
  openFlagged,
  receivedOf,
  type Received,
  type Value,
} from "./octets.ts";

interface TemperatureFields extends Received {
  readonly unit: "celsius" | "fahrenheit";
  readonly temperature: MedicalFloat;
  readonly timestamp: DateTime | undefined;
  /** Where it was taken: a number of {@link TEMPERATURE_SITES}, or another one of a newer table. */
  readonly site: number | undefined;
}

/** One Temperature Measurement (0x2A1C). */
export interface TemperatureMeasurement extends TemperatureFields {
  readonly type: "temperature";
}

/** A thermometer's number while it still rises (0x2A1E): to be shown, never a reading to store. */
export interface IntermediateTemperature extends TemperatureFields {
  readonly type: "intermediate-temperature";
}

/** Where a temperature was taken, by the number of Temperature Type; 0 has no meaning. */
export const TEMPERATURE_SITES = [
  undefined,
  "armpit",
  "body",
  "ear",
  "finger",
  "gastro-intestinal",
  "mouth",
  "rectum",
  "toe",
  "tympanum",
] as const;

const FAHRENHEIT = 0;
const TIMESTAMP = 1;
const SITE = 2;
const LAYOUT: Layout = {
  base: 5,
  optional: [
    [TIMESTAMP, DATE_TIME_OCTETS],
    [SITE, 1],
  ],
  known: 0b111,
};

/**
 * Reads a Temperature Measurement.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodeTemperature(value: Value): TemperatureMeasurement {
  return { type: "temperature", ...decodeFields(value) };
}

/**
 * Reads an Intermediate Temperature, which has the layout of a measurement.
 *
 * @throws {GattError} `GATT_TOO_SHORT`.
 */
export function decodeIntermediateTemperature(value: Value): IntermediateTemperature {
  return { type: "intermediate-temperature", ...decodeFields(value) };
}

function decodeFields(value: Value): TemperatureFields {
  const opened = openFlagged(value, LAYOUT);
  const { flags, reader } = opened;
  return {
    unit: hasBit(flags, FAHRENHEIT) ? "fahrenheit" : "celsius",
    temperature: reader.float(),
    timestamp: hasBit(flags, TIMESTAMP) ? reader.dateTime() : undefined,
    site: hasBit(flags, SITE) ? reader.uint8() : undefined,
    ...receivedOf(value, opened),
  };
}
