import type { Command } from "commander";

import type { SendNotice } from "@siphms/api";
import type { KindName } from "@siphms/vitals";

import { wrongUse } from "../cli-error.ts";
import { table, withProgress } from "../output.ts";
import { collectKind, parseKid, parseTime } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { patientCommand, withOperator } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface NoticeOptions extends OperatorOptions {
  readonly message?: string;
  readonly measureNow?: true;
  readonly limitsChanged?: true;
  readonly kind?: readonly KindName[];
  readonly until?: number;
  readonly device?: string;
}

/** Adds `siphms notice`. */
export function addNoticeCommand(program: Command, context: CommandContext): void {
  patientCommand(
    program
      .command("notice <mrn>")
      .description(
        "send something to a patient's active devices, sealed; without an option: list what was sent and seen",
      ),
    'siphms notice 4711 --message "Please call the ward."\n' +
      "siphms notice 4711 --measure-now --kind blood-pressure",
  )
    .option("--message <text>", "a text for the patient")
    .option("--measure-now", "ask the patient to measure")
    .option("--limits-changed", "tell the devices to ask for the patient's limits again")
    .option("--kind <name>", "with --measure-now: only this kind; may be repeated", collectKind)
    .option("--until <time>", "with --measure-now: until when it makes sense", parseTime)
    .option("--device <kid>", "only this one of the patient's devices", parseKid)
    .action((mrn: string, options: NoticeOptions) => notice(mrn, options, context));
}

async function notice(mrn: string, options: NoticeOptions, context: CommandContext): Promise<void> {
  const wanted = readNotice(mrn, options);
  await (wanted === undefined ? list(mrn, options, context) : send(wanted, options, context));
}

/** What is to be sent; `undefined` where nothing was said. */
function readNotice(mrn: string, options: NoticeOptions): SendNotice | undefined {
  const { message, measureNow, limitsChanged, device } = options;
  checkTogether(options);
  const to = { mrn, ...(device === undefined ? {} : { device }) };
  if (message !== undefined) return { ...to, kind: "message", text: message };
  if (limitsChanged) return { ...to, kind: "limits-changed" };
  return measureNow ? { ...to, kind: "measure-now", ...measurementOf(options) } : undefined;
}

function checkTogether(options: NoticeOptions): void {
  const { message, measureNow, limitsChanged, kind, until, device } = options;
  const said = [message, measureNow, limitsChanged].filter((one) => one !== undefined).length;
  if (said > 1) throw wrongUse("Send one thing at a time.");
  if (measureNow === undefined && (kind ?? until) !== undefined) {
    throw wrongUse("--kind and --until belong to --measure-now.");
  }
  if (said === 0 && device !== undefined) throw wrongUse("Say what to send to this device.");
}

function measurementOf({ kind, until }: NoticeOptions) {
  return {
    ...(kind === undefined ? {} : { kinds: [...new Set(kind)] }),
    ...(until === undefined ? {} : { until }),
  };
}

async function send(
  wanted: SendNotice,
  options: NoticeOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, (operator) => operator.sendNotice(wanted));
  const sent = await withProgress(output, "Sending", task);
  const text = `Goes to ${sent.devices.length === 1 ? "1 device" : `${sent.devices.length} devices`} of ${sent.mrn}: ${sent.devices.join(", ")}.`;
  output.print(options.json ? JSON.stringify(sent) : text);
}

async function list(
  mrn: string,
  options: NoticeOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withOperator(options, (operator) => operator.notices(mrn));
  const notices = await withProgress(output, "Reading the notices", task);
  if (options.json) {
    output.print(JSON.stringify(notices));
    return;
  }
  const rows = notices.map(({ device, kind, created, seen }) => [
    new Date(created).toISOString(),
    device,
    kind,
    seen === undefined ? "-" : new Date(seen).toISOString(),
  ]);
  output.print(table([["SENT", "DEVICE", "KIND", "SEEN"], ...rows]));
}
