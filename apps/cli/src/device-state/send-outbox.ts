import type { Device, DeviceErrorCode } from "@siphms/device";

import { createCommandPatience } from "./patience.ts";

/** What became of a device's outbox. */
export interface SendOutcome {
  readonly receipted: number;
  readonly quarantined: number;
  readonly queued: number;
  readonly kept: number;
  /** What went wrong last, while something is left. */
  readonly lastError?: DeviceErrorCode;
}

/**
 * Sends what a device has queued, until all of it is receipted, nothing more can be done, or the time is over.
 *
 * @returns Samples since the device's enrolment that are receipted, of those in quarantine, and items left.
 */
export async function sendOutbox(device: Device, limitMs: number): Promise<SendOutcome> {
  const patience = createCommandPatience(device, limitMs);
  try {
    await device.run({ until: "drained", signal: patience.signal });
  } finally {
    patience.release();
  }
  const { totals, queue, lastError } = device.status();
  const queued = queue.queued + queue.atGateway;
  return {
    receipted: totals.receiptedSamples,
    quarantined: totals.quarantinedSamples,
    queued,
    kept: queue.kept,
    ...(queued === 0 || lastError === undefined ? {} : { lastError: lastError.code }),
  };
}
