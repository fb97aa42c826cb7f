import type { Command } from "commander";

import { DeviceError } from "@siphms/device";
import type { Device } from "@siphms/device";

import { CliError } from "../cli-error.ts";
import { openSimulatedDevice } from "../device-state/simulated-device.ts";
import type { CommandContext } from "./context.ts";
import { exampleText } from "./with-operator.ts";

/** Options of every command that acts as a simulated device. */
export interface StateOptions {
  readonly state: string;
  readonly json?: true;
}

/** Adds `--state` and `--json`, and an example to the help. */
export function stateCommand(command: Command, example: string): Command {
  return command
    .requiredOption("--state <dir>", "folder of the simulated device")
    .option("--json", "print JSON for machines")
    .addHelpText("after", exampleText(example));
}

/**
 * Opens a simulated device for one task.
 *
 * @throws {CliError} with the device's own words for what it could not do.
 */
export async function withDevice<T>(
  { state }: Pick<StateOptions, "state">,
  { environment }: CommandContext,
  task: (device: Device) => Promise<T>,
): Promise<T> {
  const passphrase = environment["SIPHMS_DEVICE_PASSPHRASE"];
  const simulated = await openSimulatedDevice(state, passphrase || undefined);
  try {
    return await task(simulated.device);
  } catch (error) {
    if (error instanceof DeviceError) throw new CliError(error.message, { cause: error });
    throw error;
  } finally {
    await simulated.close();
  }
}
