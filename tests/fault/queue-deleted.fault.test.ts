/**
 * The gateway's whole memory is gone: its disk broke, or somebody deleted it. What it had acknowledged exists nowhere but
 * on the devices, which give all of it back.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type ExpectStatic } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import { describeViolations } from "../crash/report.ts";
import { machineTime, until, WatchedDevices } from "../faults-kit/watched-devices.ts";
import { siphms } from "../system/installation.ts";

const TEST_LIMIT_MS = 240_000;
/** Goes on posting while nothing is answered. */
const EAGER = { engine: { inFlight: 32, preferWaitSeconds: 0 }, window: 32 };

/** Deletes queue, mailboxes and admitted hospitals of a gateway that does not run, and admits the hospital anew. */
async function loseMemory({ folder }: ApartInstallation): Promise<void> {
  const data = join(folder, "gateway");
  const files = readdirSync(data).filter((name) => name.startsWith("queue.lmdb"));
  if (files.length === 0) throw new Error("the gateway keeps its memory elsewhere");
  for (const name of files) rmSync(join(data, name));
  const admit = ["gateway", "admit", join(folder, "registration.json")];
  const { status, stderr } = await siphms(admit, { SIPHMS_GATEWAY_DATA: data });
  if (status !== 0) throw new Error(`gateway admit: ${stderr}`);
}

interface Scene {
  readonly installation: ApartInstallation;
  readonly devices: WatchedDevices;
}

async function play(expect: ExpectStatic, lose: (scene: Scene) => Promise<void>): Promise<number> {
  const installation = await ApartInstallation.start();
  try {
    const devices = await WatchedDevices.enrol(installation, [EAGER, {}]);
    await lose({ installation, devices });
    await devices.served("the gateway's memory was lost");
    const { violations, receipts } = await devices.compare();
    const isGone = ({ kind }: { kind: string }): boolean => kind === "accepted-and-gone";
    expect(describeViolations(violations.filter((one) => !isGone(one)))).toBe("");
    expect(receipts).toBeGreaterThan(devices.devices.length);
    return violations.filter(isGone).length;
  } finally {
    await installation.remove();
  }
}

describe("a gateway that has lost its queue", () => {
  const options = { timeout: TEST_LIMIT_MS };

  it.concurrent("gets from the devices what it had acknowledged", options, async ({ expect }) => {
    const gone = await play(expect, async ({ installation, devices }) => {
      const { gateway, hospital } = installation;
      await hospital.hold();
      const from = machineTime();
      const acknowledged = (): number =>
        devices.since(from, "answered").filter(({ status }) => status === 202).length;
      await until(() => acknowledged() >= 20, "a queue");
      await gateway.hold();
      await loseMemory(installation);
      gateway.release();
      hospital.release();
    });
    expect(
      gone,
      "envelopes that it had acknowledged, and that never came as they were",
    ).toBeGreaterThanOrEqual(20);
  });

  it.concurrent("does so in the middle of its work", options, async ({ expect }) => {
    await play(expect, async ({ installation, devices }) => {
      const { gateway } = installation;
      await until(() => devices.devices.some(({ underWay }) => underWay > 0), "a post");
      await gateway.hold();
      await loseMemory(installation);
      gateway.release();
    });
  });
});
