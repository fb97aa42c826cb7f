/**
 * The patient's Bluetooth sensors without a screen: `Sensors.open` with `createWebBluetooth(navigator.bluetooth)`, then `start`;
 * screens read `list` and listen with `subscribe`.
 */
export type { Bluetooth, SensorErrorCode } from "./bluetooth.ts";
export type { SaveTrouble, SensorEvent, SensorState, SensorType } from "./events.ts";
export { Sensors } from "./sensors.ts";
export type { SensorView } from "./sensors.ts";
export type { Recorder, SensorPorts, SensorSettings, SensorStore } from "./settings.ts";
export { createWebBluetooth } from "./web-bluetooth.ts";
export type { WebBluetooth } from "./web-bluetooth.ts";
