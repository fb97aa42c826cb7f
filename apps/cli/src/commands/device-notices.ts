import type { Command } from "commander";

import { toBase64Url } from "@siphms/cose";
import type { Device } from "@siphms/device";
import { readNoticeContent } from "@siphms/messages";
import type { Notice, NoticeContent } from "@siphms/messages";
import { kindInfo } from "@siphms/vitals";

import { whileConnected } from "../device-state/while-connected.ts";
import { table, withProgress } from "../output.ts";
import { parseSeconds } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { stateCommand, withDevice } from "./with-device.ts";
import type { StateOptions } from "./with-device.ts";

interface NoticesOptions extends StateOptions {
  readonly seen?: true;
  readonly wait: number;
}

/** The hospital is told within this time, or in the next session. */
const TELL_MS = 20_000;

/** Adds `siphms device notices`. */
export function addDeviceNoticesCommand(device: Command, context: CommandContext): void {
  stateCommand(
    device
      .command("notices")
      .description("fetch and show what the hospital has sent to a simulated device"),
    "siphms device notices --state ./phone --seen",
  )
    .option("--seen", "tell the hospital that they were seen; they are not shown again")
    .option("--wait <seconds>", "how long to listen for more", parseSeconds, 3)
    .action((options: NoticesOptions) => notices(options, context));
}

async function notices(options: NoticesOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const found = await withDevice(options, context, (device) =>
    withProgress(output, "Listening", fetchNotices(device, options)),
  );
  if (options.json) {
    output.print(JSON.stringify(found.map(printable)));
    return;
  }
  const rows = found.map((notice) => [
    new Date(notice.created).toISOString(),
    notice.kind,
    describe(readNoticeContent(notice)),
  ]);
  output.print(table([["SENT", "KIND", "CONTENT"], ...rows]));
}

async function fetchNotices(device: Device, options: NoticesOptions): Promise<readonly Notice[]> {
  const listenMs = options.wait * 1_000;
  return whileConnected(device, listenMs + TELL_MS, async ({ signal }) => {
    await pause(listenMs, signal);
    const found = device.notices();
    if (options.seen && found.length > 0) {
      const told = seenTold(device, signal);
      await device.acknowledge(found.map(({ messageId }) => messageId));
      await told;
    }
    return found;
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What is not told now is told in the next session, so this never fails. */
function seenTold(device: Device, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = device.subscribe(({ type }) => {
      if (type === "seen-told") end();
    });
    const end = (): void => {
      unsubscribe();
      resolve();
    };
    signal.addEventListener("abort", end);
  });
}

function printable(notice: Notice): object {
  const { messageId, created, kind } = notice;
  const content = readNoticeContent(notice);
  const named =
    content.kind === "measure-now" && content.kinds !== undefined
      ? { ...content, kinds: content.kinds.map((one) => kindInfo(one).name) }
      : content;
  return { ...named, kind, messageId: toBase64Url(messageId), created };
}

function describe(content: NoticeContent): string {
  if (content.kind === "message") return content.text;
  if (content.kind !== "measure-now") return "-";
  const { kinds, until } = content;
  const what = kinds?.map((one) => kindInfo(one).name).join(", ") ?? "everything";
  return until === undefined ? what : `${what}, until ${new Date(until).toISOString()}`;
}
