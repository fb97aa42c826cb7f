// A device as a process of its own: records readings without an end, and writes down what it means to do and has done.
// Run by crash-device.ts: node --import tsx device-runner.ts '{"folder": …}'. A line on standard input that says `quiet`
// ends the recording; the end of standard input ends the process.
import { createHash } from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { createInterface } from "node:readline";
import { toBase64Url } from "@siphms/cose";
import { openDevice, type Device, type DeviceEvent, type Http } from "@siphms/device";
import { parseEnvelope } from "@siphms/messages";
import { createNodeCrypto } from "@siphms/node-crypto";
import { openFileStore } from "../../apps/cli/src/device-state/file-store.ts";
import { lockFolder } from "../../apps/cli/src/device-state/folder-lock.ts";
import { createNodeHttp } from "../../apps/cli/src/device-state/node-http.ts";
import { loadStoreKey } from "../../apps/cli/src/device-state/store-key.ts";
import { systemClock } from "../../apps/cli/src/device-state/system-clock.ts";
import type { RunnerParameters } from "./crash-device.ts";
import type { Operation } from "./history.ts";
import { readingOf } from "./readings.ts";

type Told = Operation extends infer One ? (One extends Operation ? Omit<One, "t"> : never) : never;

const parameters = JSON.parse(process.argv[2]!) as RunnerParameters;
const history = openSync(parameters.historyFile, "a", 0o600);
// The process before may have been killed in the middle of a line.
writeSync(history, "\n");

/**
 * Written with one call: a line that was handed to the system survives the end of this process, and no test here takes
 * the system's own memory away.
 */
function note(told: Told): void {
  const line = `${JSON.stringify({ t: Math.round(performance.timeOrigin + performance.now()), ...told })}\n`;
  writeSync(history, line);
  process.stdout.write(line);
}

/** Notes every envelope before it leaves, and what came of it. */
function noting(http: Http): Http {
  return async (request) => {
    const [, sid] = /\/sessions\/([^/]+)\/envelopes$/.exec(request.url) ?? [];
    if (sid === undefined || request.body === undefined) return http(request);
    const hash = createHash("sha256").update(request.body).digest("base64url");
    const envelope = { sid, seq: parseEnvelope(request.body).seq, hash };
    note({ op: "posted", ...envelope });
    let status = 0;
    try {
      const answer = await http(request);
      ({ status } = answer);
      return answer;
    } finally {
      note({ op: "answered", ...envelope, status });
    }
  };
}

async function open(): Promise<Device> {
  await lockFolder(parameters.folder, "The device");
  const storeKey = await loadStoreKey(parameters.folder, undefined);
  const store = await openFileStore(parameters.folder);
  const ports = {
    clock: systemClock,
    http: noting(createNodeHttp()),
    crypto: createNodeCrypto(),
    store,
  };
  return openDevice(ports, { storeKey, settings: parameters.engine });
}

function tell(event: DeviceEvent): void {
  if (event.type === "receipted") {
    const { messageId, name, outcome, stored } = event.receipt;
    note({ op: "receipted", id: toBase64Url(messageId), name: toBase64Url(name), outcome, stored });
  } else if (event.type === "kept") {
    note({ op: "kept", id: toBase64Url(event.messageId), reason: event.reason });
  } else if (event.type === "alarm") note({ op: "alarm", alarm: event.alarm });
  else if (event.type === "problem") note({ op: "problem", code: event.code });
  else if (event.type === "session-opened") note({ op: "session", event: "opened" });
  else if (event.type === "session-ended") note({ op: "session", event: event.reason });
}

/** Where the device stands in its source: the last reading that is in its store. */
async function readBookmark(device: Device): Promise<number> {
  const bytes = await device.bookmark();
  return bytes === undefined ? 0 : Buffer.from(bytes).readUInt32BE();
}

function bookmarkOf(reading: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, reading);
  return bytes;
}

function waiting(device: Device): number {
  const { queued, atGateway } = device.status().queue;
  return queued + atGateway;
}

/** Resolves at the next event of the device. */
function nextEvent(device: Device): Promise<void> {
  return new Promise((resolve) => {
    const off = device.subscribe(() => {
      off();
      resolve();
    });
  });
}

async function record(device: Device, isQuiet: () => boolean): Promise<void> {
  let bookmark = await readBookmark(device);
  note({ op: "started", bookmark });
  while (!isQuiet()) {
    if (waiting(device) >= parameters.window) {
      await nextEvent(device);
      continue;
    }
    const reading = bookmark + 1;
    const { series, samples } = readingOf(reading, parameters);
    note({ op: "intended", reading, samples });
    const items = await device.record(series, { bookmark: bookmarkOf(reading) });
    note({ op: "recorded", reading, ids: items.map(({ messageId }) => toBase64Url(messageId)) });
    bookmark = reading;
    await wait(parameters.pauseMs);
  }
  while (waiting(device) > 0) await nextEvent(device);
  const { queue } = device.status();
  note({ op: "drained", bookmark, left: queue.kept + queue.damaged });
}

const device = await open();
device.subscribe(tell);
let isQuiet = parameters.isQuiet;
createInterface({ input: process.stdin })
  .on("line", () => (isQuiet = true))
  .on("close", () => process.exit(0));
await Promise.all([device.run(), record(device, () => isQuiet)]);
