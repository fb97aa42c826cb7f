import type { DeviceSettings } from "./device.ts";

const DEFAULT_SETTINGS: Required<DeviceSettings> = {
  inFlight: 4,
  preferWaitSeconds: 10,
  mailboxWaitSeconds: 25,
};

const BOUNDS: Readonly<Record<keyof DeviceSettings, readonly [low: number, high: number]>> = {
  inFlight: [1, 64],
  // Below the 20 s after which a session counts as dead.
  preferWaitSeconds: [0, 19],
  mailboxWaitSeconds: [0, 30],
};

/**
 * Fills in what was not set.
 *
 * @throws {RangeError} for a value that is no whole number within its bounds.
 */
export function checkSettings(settings: DeviceSettings): Required<DeviceSettings> {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  for (const name of ["inFlight", "preferWaitSeconds", "mailboxWaitSeconds"] as const) {
    const [low, high] = BOUNDS[name];
    const value = all[name];
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new RangeError(`${name} must be a whole number from ${String(low)} to ${String(high)}`);
    }
  }
  return all;
}
