import type { Device, DeviceErrorCode } from "@siphms/device";

import { systemClock } from "./system-clock.ts";

/** How long a command waits for what its device does. */
export interface CommandPatience {
  /** Aborts when the time is over, or as soon as the device's next try lies beyond it. */
  readonly signal: AbortSignal;
  /** What went wrong last. */
  readonly cause: DeviceErrorCode | undefined;
  release(): void;
}

/** Begins to wait. A device that is refused tries again in a minute, then in five: no command needs to wait for that. */
export function createCommandPatience(
  device: Pick<Device, "subscribe">,
  limitMs: number,
): CommandPatience {
  const over = new AbortController();
  const end = systemClock.now() + limitMs;
  const timer = setTimeout(() => over.abort(), limitMs);
  let cause: DeviceErrorCode | undefined;
  const unsubscribe = device.subscribe((event) => {
    if (event.type !== "problem") return;
    cause = event.code;
    if ((event.nextTryAt ?? 0) > end) over.abort();
  });
  return {
    signal: over.signal,
    get cause() {
      return cause;
    },
    release() {
      clearTimeout(timer);
      unsubscribe();
    },
  };
}

/** Refusals: waiting will not change them, and any gateway can forge them. */
const REFUSALS: Partial<Record<DeviceErrorCode, string>> = {
  HANDSHAKE_REFUSED:
    "The hospital refuses this device, or somebody on the way pretends so: it may have been revoked. Nothing was deleted; ask the hospital.",
  HOSPITAL_KEY_UNKNOWN:
    "The hospital does not answer any more for the key that this device knows. Nothing was deleted; ask the hospital for a new invitation.",
  HOSPITAL_KEY_MISMATCH:
    "Whoever answered does not hold the hospital's key. Do not go on by this gateway; ask the hospital.",
};

/** What a code of the connection means to whoever holds the device. */
export function explainProblem(code: DeviceErrorCode): string {
  return REFUSALS[code] ?? `The hospital could not be reached (${code}). Try again.`;
}
