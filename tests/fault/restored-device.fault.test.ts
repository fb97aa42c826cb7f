/** A device whose state is brought back from an older copy: it forgot what it sent since, and the numbers it used. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import type { CrashDevice } from "../crash/crash-device.ts";
import type { Operation } from "../crash/history.ts";
import { describeViolations } from "../crash/report.ts";
import { UntidyNetwork } from "../faults-kit/untidy-network.ts";
import { machineTime, until, uplink, WatchedDevices } from "../faults-kit/watched-devices.ts";
import { freePort } from "../system/installation.ts";

/** Items in the copy that are sent after it was made. */
const WAITING = 6;

type Receipt = Extract<Operation, { op: "receipted" }>;

describe("a device that is restored from an older copy of its state", () => {
  let installation: ApartInstallation;
  let network: UntidyNetwork;

  beforeAll(async () => {
    const port = await freePort();
    installation = await ApartInstallation.start({
      gateway: { SIPHMS_GATEWAY_PORT: String(port) },
    });
    const gateway = new URL(`http://127.0.0.1:${port}`);
    network = await UntidyNetwork.start(installation.gatewayUrl, gateway);
  });

  afterAll(async () => {
    await installation.remove();
    await network.stop();
  });

  it("begins a new session, seals nothing twice under one number, and gets the first answers again (SR-31) [HS-312a2iv]", async () => {
    const { gateway } = installation;
    const devices = await WatchedDevices.enrol(installation, [{ window: WAITING }]);
    const device = devices.devices[0]!;
    // Sealed, sent and unanswered: the copy holds numbers of a session that is in use.
    await gateway.hold();
    await until(() => waiting(device) === WAITING, "a full outbox");
    await device.program.hold();
    const [now, copy] = ["store.log", "store.copy"].map((name) => join(device.folder, name));
    copyFileSync(now!, copy!);
    gateway.release();
    await uplink(installation);
    device.program.release();
    await device.drain();
    const first = receiptsOf(device);
    const before = new Set(network.seen.map(({ sid }) => sid));

    await device.program.hold();
    copyFileSync(copy!, now!);
    const restoredAt = machineTime();
    device.program.release();
    await until(() => devices.since(restoredAt, "drained").length > 0, "it to drain once more");

    const again = receiptsOf(device).filter(({ t }) => t >= restoredAt);
    expect(again).toHaveLength(WAITING);
    for (const { id, name, outcome, stored } of again) {
      expect(first.filter((one) => one.id === id)).toMatchObject([{ name, outcome, stored }]);
    }
    const sent = network.seen.slice(-WAITING);
    expect(
      sent.filter(({ sid }) => before.has(sid)),
      "in a session of before",
    ).toEqual([]);
    expect(numbersWithTwoEnvelopes()).toEqual([]);
    const { violations, records } = await devices.compare();
    expect(describeViolations(violations)).toBe("");
    expect(records.messages.length).toBe(new Set(records.messages.map(({ id }) => id)).size);
  });

  function numbersWithTwoEnvelopes(): readonly string[] {
    const hashes = new Map<string, string>();
    return network.seen.flatMap(({ sid, seq, hash }) => {
      const number = `${sid}/${seq}`;
      const known = hashes.get(number) ?? hash;
      hashes.set(number, known);
      return known === hash ? [] : [number];
    });
  }
});

/** Items that are recorded and have no receipt. */
function waiting(device: CrashDevice): number {
  const history = device.history();
  const receipted = new Set(receiptsOf(device).map(({ id }) => id));
  const ids = history.flatMap((one) => (one.op === "recorded" ? one.ids : []));
  return ids.filter((id) => !receipted.has(id)).length;
}

function receiptsOf(device: CrashDevice): readonly Receipt[] {
  return device.history().filter((one): one is Receipt => one.op === "receipted");
}
