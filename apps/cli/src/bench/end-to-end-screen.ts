import http from "node:http";
import { once } from "node:events";

import { CONSOLE_PATHS } from "@siphms/api";
import type { Clock } from "@siphms/device";

import { CliError } from "../cli-error.ts";
import { signIn } from "../demo/console-client.ts";
import type { BenchScope } from "./harness/bench-scope.ts";

/** A doctor's open screen: it notes when each stored message came over the live stream. */
export interface LiveScreen {
  /**
   * Waits until all of these messages were shown.
   *
   * @param messageIds - base64url.
   * @returns When each arrived, ms of this machine's clock.
   * @throws {CliError} when one is missing for long.
   */
  shown(messageIds: readonly string[]): Promise<readonly number[]>;
  /** Closes it before the scope does. */
  close(): void;
}

const LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 20;
/** All samples of an event are of one message: the first says which. */
const MESSAGE_ID = /"messageId":"([\w-]+)"/;

/**
 * Signs in with a doctor's link and opens the live stream, as the console's page does; it ends with the scope.
 *
 * An event counts as shown when its last byte is here. What the page does with it then is the browser's work.
 */
export async function openLiveScreen(
  scope: BenchScope,
  link: string,
  clock: Clock,
): Promise<LiveScreen> {
  const arrivals = new Map<string, number>();
  const { close } = await openLiveEvents(scope, link, (event) => {
    const [, messageId] = MESSAGE_ID.exec(event) ?? [];
    if (messageId !== undefined) arrivals.set(messageId, clock.now());
  });
  return {
    close,
    async shown(messageIds) {
      const deadline = clock.monotonic() + LIMIT_MS;
      while (!messageIds.every((id) => arrivals.has(id))) {
        if (clock.monotonic() > deadline) throw new CliError("The screen missed stored messages.");
        await clock.sleep(LOOK_EVERY_MS, scope.signal);
      }
      return messageIds.map((id) => arrivals.get(id) ?? NaN);
    },
  };
}

/**
 * Signs in with a doctor's link and hands on each event of the live stream as it came; ends with the scope.
 *
 * @returns How to end it before that.
 */
export async function openLiveEvents(
  scope: BenchScope,
  link: string,
  take: (event: string) => void,
): Promise<{ readonly close: () => void }> {
  const console = await signIn(link);
  const request = http.get(new URL(CONSOLE_PATHS.live, link), { headers: console.headers });
  scope.hold({
    stop: async () => {
      request.destroy();
      await console.close();
    },
  });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  if (response.statusCode !== 200) {
    throw new CliError(`The live stream was answered with status ${response.statusCode}.`);
  }
  readEvents(response, take);
  return { close: () => void request.destroy() };
}

/** Server-sent events end with an empty line. */
function readEvents(response: http.IncomingMessage, take: (event: string) => void): void {
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (part: string) => {
    const events = (text + part).split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) take(event);
  });
}
