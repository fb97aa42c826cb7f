/** The GATT services of health sensors, by their 16-bit UUIDs. {@link uuidOf} makes the form that Web Bluetooth uses. */
export const SERVICES = {
  currentTime: 0x1805,
  glucose: 0x1808,
  healthThermometer: 0x1809,
  deviceInformation: 0x180a,
  heartRate: 0x180d,
  battery: 0x180f,
  bloodPressure: 0x1810,
  weightScale: 0x181d,
  continuousGlucose: 0x181f,
  pulseOximeter: 0x1822,
} as const;

/** Their characteristics. A web page cannot read the serial number (0x2A25): browsers block it, so it is not here. */
export const CHARACTERISTICS = {
  batteryLevel: 0x2a19,
  temperatureMeasurement: 0x2a1c,
  intermediateTemperature: 0x2a1e,
  systemId: 0x2a23,
  modelNumber: 0x2a24,
  firmwareRevision: 0x2a26,
  hardwareRevision: 0x2a27,
  softwareRevision: 0x2a28,
  manufacturerName: 0x2a29,
  currentTime: 0x2a2b,
  bloodPressureMeasurement: 0x2a35,
  intermediateCuffPressure: 0x2a36,
  heartRateMeasurement: 0x2a37,
  bodySensorLocation: 0x2a38,
  bloodPressureFeature: 0x2a49,
  pnpId: 0x2a50,
  recordAccessControlPoint: 0x2a52,
  plxSpotCheck: 0x2a5e,
  plxContinuous: 0x2a5f,
  plxFeatures: 0x2a60,
  glucoseMeasurement: 0x2a18,
  glucoseContext: 0x2a34,
  weightMeasurement: 0x2a9d,
  cgmMeasurement: 0x2aa7,
} as const;

const BASE = "-0000-1000-8000-00805f9b34fb";
const LONG_FORM = /^0000([0-9a-f]{4})-0000-1000-8000-00805f9b34fb$/;

/** The 128-bit form of a 16-bit UUID in lower case, as Web Bluetooth names services and characteristics. */
export function uuidOf(short: number): string {
  if (!Number.isInteger(short) || short < 0 || short > 0xffff)
    throw new RangeError("short: not a UUID of 16 bits");
  return `0000${short.toString(16).padStart(4, "0")}${BASE}`;
}

/** The 16-bit UUID of a 128-bit form; `undefined` for a UUID of a manufacturer's own. */
export function shortUuidOf(uuid: string): number | undefined {
  const digits = LONG_FORM.exec(uuid.toLowerCase())?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}
