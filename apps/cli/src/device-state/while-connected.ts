import { DeviceError } from "@siphms/device";
import type { Device, RequestOptions } from "@siphms/device";

import { CliError } from "../cli-error.ts";
import { createCommandPatience, explainProblem } from "./patience.ts";

/** Codes that say only that no answer came; why is in what the connection met. */
const NO_ANSWER: readonly string[] = ["ABORTED", "REQUEST_UNANSWERED"];

/**
 * Runs a device as long as a task with it lasts.
 *
 * @param task - Is given the options for requests to the hospital.
 * @throws {CliError} that says why no answer came.
 * @throws {DeviceError} as the task or the device's run.
 */
export async function whileConnected<T>(
  device: Device,
  limitMs: number,
  task: (options: RequestOptions & { readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const patience = createCommandPatience(device, limitMs);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, patience.signal]);
  // A run that fails takes the task with it.
  const running = device.run({ signal }).finally(() => stop.abort());
  try {
    return await task({ signal, timeoutMs: limitMs });
  } catch (error) {
    const isSilence = error instanceof DeviceError && NO_ANSWER.includes(error.code);
    if (!isSilence || patience.cause === undefined) throw error;
    throw new CliError(explainProblem(patience.cause), { cause: error });
  } finally {
    stop.abort();
    patience.release();
    await running;
  }
}
