import type { Command } from "commander";

import { toBase64Url } from "@siphms/cose";
import type { Device, DeviceStatus } from "@siphms/device";

import { CliError } from "../cli-error.ts";
import { readCsvReadings } from "../device-state/csv-readings.ts";
import { explainProblem } from "../device-state/patience.ts";
import { sendOutbox } from "../device-state/send-outbox.ts";
import type { SendOutcome } from "../device-state/send-outbox.ts";
import { wasSent, withSent } from "../device-state/sent-files.ts";
import { table, withProgress } from "../output.ts";
import { parseSeconds } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { addDeviceNoticesCommand } from "./device-notices.ts";
import { addOperatorDeviceCommands } from "./operator-devices.ts";
import { stateCommand, withDevice } from "./with-device.ts";
import type { StateOptions } from "./with-device.ts";

interface EnrolOptions extends StateOptions {
  readonly name: string;
}

interface SendOptions extends StateOptions {
  readonly csv: string;
  readonly wait: number;
}

/** Adds `siphms device enrol | send | status | notices | list | revoke`. */
export function addDeviceCommands(program: Command, context: CommandContext): void {
  const device = program
    .command("device")
    .description("simulated devices of the command line, and the devices that are enrolled");
  stateCommand(
    device.command("enrol <link>").description("enrol a new device with an invitation's link"),
    'siphms device enrol "http://localhost:8091/enrol#..." --state ./phone',
  )
    .option("--name <name>", "what staff see as the device's name", "command line")
    .action((link: string, options: EnrolOptions) => enrol(link, options, context));
  stateCommand(
    device.command("send").description("send readings from a file, and what is still queued"),
    "siphms device send --csv readings.csv --state ./phone",
  )
    .requiredOption("--csv <file>", "lines of at,kind,value, or a BIDMC Numerics file")
    .option("--wait <seconds>", "how long to wait for the hospital's receipts", parseSeconds, 120)
    .action((options: SendOptions) => send(options, context));
  stateCommand(
    device.command("status").description("show a simulated device's enrolment and queue"),
    "siphms device status --state ./phone --json",
  ).action((options: StateOptions) => status(options, context));
  addDeviceNoticesCommand(device, context);
  addOperatorDeviceCommands(device, context);
}

async function enrol(link: string, options: EnrolOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const result = await withDevice(options, context, (device) =>
    withProgress(output, "Enrolling", device.enrol(link, { deviceName: options.name })),
  );
  if (options.json) output.print(JSON.stringify(result));
  else if (result.kind === "active") output.print(`Enrolled at ${result.hospitalName}.`);
  else {
    output.print(`Enrolled at ${result.hospitalName}, waiting for staff to confirm the code:`);
    output.print(result.code);
  }
}

async function send(options: SendOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const outcome = await withDevice(options, context, async (device) => {
    const recorded = await record(device, options.csv);
    if (recorded === 0) output.note(`${options.csv} was sent before; only what is queued is sent.`);
    const task = sendOutbox(device, options.wait * 1_000);
    return { recorded, ...(await withProgress(output, "Waiting for receipts", task)) };
  });
  output.print(options.json ? JSON.stringify(outcome) : table(linesOf(outcome)));
  if (outcome.kept > 0) {
    throw new CliError(
      "The hospital refused some readings; `siphms device status` shows how many.",
    );
  }
  if (outcome.queued > 0) {
    throw new CliError(
      outcome.lastError === undefined
        ? `Not everything was received within ${options.wait} s. It stays queued: run the same command again.`
        : `${explainProblem(outcome.lastError)} What was not received stays queued.`,
    );
  }
}

/** A file is recorded once: the same reading must never be signed under two ids. */
async function record(device: Device, csv: string): Promise<number> {
  const { series, samples, digest } = await readCsvReadings(csv, device.now());
  const bookmark = await device.bookmark();
  if (wasSent(bookmark, digest)) return 0;
  await device.record(series, { bookmark: withSent(bookmark, digest) });
  return samples;
}

function linesOf(outcome: SendOutcome): readonly (readonly string[])[] {
  return Object.entries(outcome).map(([name, count]) => [name, String(count)]);
}

async function status(options: StateOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const now = await withDevice(options, context, (device) => Promise.resolve(device.status()));
  output.print(options.json ? JSON.stringify(printable(now)) : table(statusLines(now)));
}

/** Key ids as text, as they stand in `device list`. */
function printable({ hospital, device, ...rest }: DeviceStatus): object {
  return {
    ...rest,
    ...(hospital === undefined
      ? {}
      : { hospital: { ...hospital, kid: toBase64Url(hospital.kid) } }),
    ...(device === undefined ? {} : { device: { ...device, kid: toBase64Url(device.kid) } }),
  };
}

function statusLines(now: DeviceStatus): readonly (readonly string[])[] {
  const { totals, queue } = now;
  return [
    ["State", now.state],
    ["Code", now.code ?? "-"],
    ["Hospital", now.hospital?.name ?? "-"],
    ["Gateway", now.hospital?.gatewayUrl ?? "-"],
    ["Device", now.device === undefined ? "-" : toBase64Url(now.device.kid)],
    ["Recorded", `${totals.recordedSamples} samples`],
    ["Receipted", `${totals.receiptedSamples} samples, ${totals.quarantinedSamples} in quarantine`],
    ["Queued", `${queue.queued + queue.atGateway} items`],
    ["Kept", `${queue.kept} items`],
    ["Notices", String(now.openNotices)],
    ["Last error", now.lastError?.code ?? "-"],
  ];
}
