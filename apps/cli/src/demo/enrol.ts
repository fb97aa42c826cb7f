import { DeviceError } from "@siphms/device";
import type { Clock, Device, DeviceErrorCode } from "@siphms/device";

import { OperatorError } from "../installation/operator-requests.ts";
import type { OperatorClient } from "../installation/operator-client.ts";

/** What {@link enrolDemoDevice} needs. */
export interface EnrolOptions {
  readonly device: Device;
  readonly mrn: string;
  readonly operator: OperatorClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const ATTEMPTS = 8;
const PAUSE_MS = 500;
/** How long the hospital's word that staff confirmed may take. */
const ACTIVE_LIMIT_MS = 30_000;

/** What passes by itself, on a machine where many devices enrol at once. */
const PASSING: ReadonlySet<DeviceErrorCode> = new Set([
  "NETWORK_UNREACHABLE",
  "NETWORK_TIMEOUT",
  "GATEWAY_FAILED",
  "SLOW_DOWN",
  "HOSPITAL_AWAY",
  "HANDSHAKE_TOO_SLOW",
  "REQUEST_UNANSWERED",
]);

/**
 * Enrols a demo patient's device as a patient and staff would: invitation, handshake, code, confirmation.
 *
 * Goes on where an earlier start was interrupted. Afterwards the device is active.
 *
 * @throws {DeviceError} when the device's side cannot be finished.
 * @throws {CliError} when the hospital refuses.
 */
export async function enrolDemoDevice(options: EnrolOptions): Promise<void> {
  const { device, clock, signal } = options;
  for (let attempt = 1; device.status().state !== "active"; attempt += 1) {
    try {
      await enrolOnce(options);
    } catch (error) {
      const passing = error instanceof DeviceError && PASSING.has(error.code);
      if (!passing || attempt === ATTEMPTS || signal.aborted) throw error;
      await clock.sleep(error.retryAfterMs ?? PAUSE_MS * attempt, signal);
    }
  }
}

async function enrolOnce(options: EnrolOptions): Promise<void> {
  const { device, mrn, operator, signal } = options;
  if (device.status().state !== "pending") {
    const { link } = await operator.invite(mrn);
    await device.enrol(link, { deviceName: "demo device", signal });
  }
  const { code } = device.status();
  if (code !== undefined) await confirm(operator, mrn, code);
  await device.run({
    until: "active",
    signal: AbortSignal.any([signal, AbortSignal.timeout(ACTIVE_LIMIT_MS)]),
  });
  if (device.status().state !== "active") {
    throw new DeviceError("REQUEST_UNANSWERED", "The device did not hear that it is active.");
  }
}

/** After an interrupted start the code may be confirmed already; then the device learns it from its next session. */
async function confirm(operator: OperatorClient, mrn: string, code: string): Promise<void> {
  try {
    await operator.confirm({ mrn, code });
  } catch (error) {
    if (!(error instanceof OperatorError) || error.status >= 500) throw error;
  }
}
