import type { Command } from "commander";

import type { OperatorDevice } from "@siphms/api";
import { fromBase64Url, toBase64Url } from "@siphms/cose";

import { wrongUse } from "../cli-error.ts";
import { whileConnected } from "../device-state/while-connected.ts";
import { table, withProgress } from "../output.ts";
import { parseKid } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { withDevice } from "./with-device.ts";
import { operatorCommand, patientCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface AskOptions extends OperatorOptions {
  /** The simulated device that asks in the operator's place. */
  readonly state?: string;
}

interface ListOptions extends AskOptions {
  readonly mrn?: string;
}

/** A device as either of the two sees it: only the operator's list names the patient. */
type ListedDevice = Omit<OperatorDevice, "mrn" | "state"> & {
  readonly mrn?: string;
  readonly state: string;
};

const STATE = "--state <dir>";
const STATE_TEXT = "ask as this simulated device, for its own patient, by way of the gateway";
const ANSWER_MS = 30_000;

/** Adds `siphms device list | revoke`, which ask the hospital: as its operator, or as one of the patient's devices. */
export function addOperatorDeviceCommands(device: Command, context: CommandContext): void {
  patientCommand(
    device.command("list").description("list the devices that the hospital knows"),
    "siphms device list --mrn 4711\nsiphms device list --state ./phone",
  )
    .option("--mrn <id>", "only this patient's")
    .option(STATE, STATE_TEXT)
    .action((options: ListOptions) => list(options, context));
  operatorCommand(
    device
      .command("revoke")
      .argument("<kid>", "the device's kid, as `list` shows it", parseKid)
      .description(
        "end a device's enrolment at once and for good: it is lost, stolen or given back",
      ),
    "siphms device revoke AbCdEfGhIjk\nsiphms device revoke AbCdEfGhIjk --state ./phone",
  )
    .option(STATE, STATE_TEXT)
    .action((kid: string, options: AskOptions) => revoke(kid, options, context));
}

async function list(options: ListOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const { state, mrn } = options;
  if (state !== undefined && mrn !== undefined) {
    throw wrongUse("A device sees its own patient's devices: leave --mrn or --state out.");
  }
  const task: Promise<readonly ListedDevice[]> =
    state === undefined
      ? withOperator(options, (operator) => operator.devices(mrn))
      : listAs(state, context);
  const devices = await withProgress(output, "Reading the devices", task);
  if (options.json) {
    output.print(JSON.stringify(devices));
    return;
  }
  const rows = devices.map((one) => {
    const seen = one.lastSeen === undefined ? "-" : new Date(one.lastSeen).toISOString();
    const enrolled = new Date(one.enrolled).toISOString();
    return [one.kid, one.mrn ?? "-", one.name, one.state, enrolled, seen];
  });
  output.print(table([["KID", "MRN", "NAME", "STATE", "ENROLLED", "LAST SEEN"], ...rows]));
}

function listAs(state: string, context: CommandContext): Promise<readonly ListedDevice[]> {
  return withDevice({ state }, context, async (device) => {
    const devices = await whileConnected(device, ANSWER_MS, (options) => device.devices(options));
    return devices.map((one) => ({ ...one, kid: toBase64Url(one.kid) }));
  });
}

async function revoke(kid: string, options: AskOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const { state } = options;
  const task: Promise<{ readonly kid: string; readonly mrn?: string }> =
    state === undefined
      ? withOperator(options, (operator) => operator.revoke(kid))
      : revokeAs(state, kid, context);
  const revoked = await withProgress(output, "Revoking", task);
  const text = `Device ${revoked.kid}${revoked.mrn === undefined ? "" : ` of ${revoked.mrn}`} is revoked.`;
  output.print(options.json ? JSON.stringify(revoked) : text);
}

function revokeAs(state: string, kid: string, context: CommandContext) {
  return withDevice({ state }, context, async (device) => {
    await whileConnected(device, ANSWER_MS, (options) =>
      device.revokeDevice(fromBase64Url(kid), options),
    );
    return { kid, state: "revoked" as const };
  });
}
