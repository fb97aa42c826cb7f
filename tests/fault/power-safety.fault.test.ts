/**
 * What survives a power cut is what was synced. strace shows, call by call, that every acknowledgement leaves after the
 * sync of what it promises, and that none leaves where syncing fails.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import type { CrashDevice } from "../crash/crash-device.ts";
import { describeViolations } from "../crash/report.ts";
import {
  deviceAcknowledgements,
  gatewayAcknowledgements,
  hospitalAcknowledgements,
} from "../faults-kit/acknowledgements.ts";
import { SIPHMS } from "../system/installation.ts";
import { Strace, whyNoStrace, type Call } from "../faults-kit/strace.ts";
import { machineTime, until, uplink, WatchedDevices } from "../faults-kit/watched-devices.ts";

const READINGS = 12;
/** The database goes on without its disk for so long. */
const FAILING_MS = 1_500;
const O_DSYNC = 0o10000;
/** One envelope at a time: then it is clear what belongs together. By the mailbox: then the gateway says 202 at once. */
const CALM = { engine: { inFlight: 1, preferWaitSeconds: 0 }, window: 1, pauseMs: 200 };

const why = whyNoStrace === "" ? "" : ` (skipped: ${whyNoStrace})`;

describe.skipIf(whyNoStrace !== "")(`acknowledgements and the disk${why}`, () => {
  let installation: ApartInstallation;
  let devices: WatchedDevices;
  let calls: readonly Call[];

  const judges = {
    gateway: (some: readonly Call[]) =>
      gatewayAcknowledgements(some, syncingFd(installation.gateway.pid!)),
    hospital: hospitalAcknowledgements,
    device: deviceAcknowledgements,
  };
  beforeAll(async () => {
    installation = await ApartInstallation.start();
    devices = await WatchedDevices.enrol(installation, [CALM]);
    const { gateway, hospital, postgres } = installation;
    const device = devices.devices[0]!;
    // What began before it is watched would be seen by half.
    await standStillBetweenReadings(device);
    // Nor may a backend begin between the list of them and the watching: the hospital's jobs open connections when they like.
    postgres.signal("SIGSTOP");
    const servers = [gateway.pid!, hospital.pid!, postgres.pid!, ...postgres.children()];
    const strace = await Strace.attach([...servers, device.program.pid!]);
    postgres.signal("SIGCONT");
    device.program.signal("SIGCONT");
    const from = machineTime();
    await until(() => devices.since(from, "receipted").length >= READINGS, "some readings");
    await strace.stop();
    calls = strace.calls();
  });

  afterAll(async () => {
    await installation.remove();
  });

  it.each(["gateway", "hospital", "device"] as const)(
    "the %s tells nothing before it is synced",
    (who) => {
      const { count, premature } = judges[who](calls);
      expect(premature).toEqual([]);
      expect(count).toBeGreaterThanOrEqual(READINGS - 2);
    },
  );

  it.each([
    ["gateway", "/queue.lmdb"],
    ["hospital", "/pg_wal/"],
    ["device", "/store.log"],
  ] as const)(
    "it would show if the %s did not sync, if that failed, or came too late",
    (who, file) => {
      const isSync = ({ name, place }: Call): boolean =>
        name === "fdatasync" && place.includes(file);
      const { count } = judges[who](calls);
      const without = calls.filter((call) => !isSync(call));
      const failed = calls.map((call) => (isSync(call) ? { ...call, result: -1 } : call));
      const late = calls.map((call) =>
        isSync(call) ? { ...call, end: Number.MAX_SAFE_INTEGER } : call,
      );
      const found = [without, failed, late].map((some) => judges[who](some).premature.length);
      expect(found).toEqual([count, count, count]);
    },
  );

  it("the gateway's last page is written through a file that syncs by itself", () => {
    expect(syncingFd(installation.gateway.pid!)).toBeGreaterThan(0);
    const others = gatewayAcknowledgements(calls, -1);
    expect(others.premature).toHaveLength(others.count);
  });

  it("a new device's key and its file's name are synced before anything leaves that needs them", async () => {
    const state = join(installation.folder, "new", "device");
    await installation.addPatient("new");
    const { link } = await installation.operator.invite("new");
    const enrol = await Strace.run([SIPHMS, "device", "enrol", link, "--state", state], {});
    const message3 = enrol.findIndex(
      ({ place, data }) => place.startsWith("TCP") && data.includes("POST /v1/handshakes/"),
    );
    const before = enrol.slice(0, message3);
    const stored = before.findLastIndex(
      (call) => isIn(call, join(state, "store.log")) && call.data.length > 0,
    );
    const synced = before.slice(stored).filter(isSync);
    expect([stored > 0, synced.some((call) => isIn(call, join(state, "store.log")))]).toEqual([
      true,
      true,
    ]);
    const folders = [state, dirname(state)].map((folder) =>
      before.some((call) => isSync(call) && isIn(call, folder)),
    );
    expect(folders, "the folder's list of names, and that of the folder above").toEqual([
      true,
      true,
    ]);
  });

  it("a new gateway's file has its name synced before it says that it is ready", async () => {
    const data = join(installation.folder, "new-gateway", "data");
    const environment = {
      SIPHMS_GATEWAY_PORT: "0",
      SIPHMS_GATEWAY_DATA: data,
      SIPHMS_GATEWAY_RUN: join(installation.folder, "new-gateway", "run"),
    };
    const calls = await Strace.run([SIPHMS, "gateway"], environment, (output) => {
      const { pid } = /"pid":(?<pid>\d+)/.exec(output)?.groups ?? {};
      if (pid !== undefined) process.kill(Number(pid), "SIGTERM");
    });
    const ready = calls.findIndex(({ data: text }) => text.includes('{"ready":true'));
    const before = calls.slice(0, ready);
    const folders = [data, dirname(data)].map((folder) =>
      before.some((call) => isSync(call) && isIn(call, folder)),
    );
    expect(folders, "the folder's list of names, and that of the folder above").toEqual([
      true,
      true,
    ]);
  });

  it("a gateway whose disk does not sync acknowledges nothing, and goes on when it does", async () => {
    const { gateway } = installation;
    const device = devices.devices[0]!;
    await standStillBetweenReadings(device);
    const from = machineTime();
    const failing = await whileSyncsFail([gateway.pid!], async () => {
      device.program.signal("SIGCONT");
      await until(
        () => devices.since(from, "problem").some(({ code }) => code === "QUEUE_FULL"),
        "the device to be told that the gateway cannot keep it",
      );
    });
    expect(failing.some(isFailedSync)).toBe(true);
    expect(judges.gateway(failing).count).toBe(0);
    // Started again it begins at once; told that there is no room, it would wait half a minute.
    await uplink(installation);
    device.program.signal("SIGKILL");
    await devices.served("the disk syncs again");
  });

  it("a hospital whose database does not sync receipts nothing, and goes on when it does", async () => {
    const { postgres, folder } = installation;
    const log = join(folder, "pg", "postgres.log");
    const servers = [postgres.pid!, ...postgres.children()];
    const failing = await whileSyncsFail(servers, async () => {
      await until(() => readFileSync(log, "utf8").includes("PANIC"), "PostgreSQL to give up");
      const from = machineTime();
      await wait(FAILING_MS);
      expect(devices.since(from, "receipted")).toEqual([]);
    });
    expect(failing.some(isFailedSync)).toBe(true);
    await devices.served("the disk syncs again");
  });

  it("a device whose disk does not sync calls nothing recorded and sends nothing of it", async () => {
    const { program } = devices.devices[0]!;
    const { starts } = program;
    const failing = await whileSyncsFail([program.pid!], () =>
      until(() => program.starts > starts, "the device to end and to be started again"),
    );
    expect(failing.some(isFailedSync)).toBe(true);
    expect(deviceAcknowledgements(failing).premature).toEqual([]);
    await devices.served("the disk syncs again");
  });

  it("and after all of that every reading is stored once, and every receipt is true", async () => {
    const { violations, receipts } = await devices.compare();
    expect(describeViolations(violations)).toBe("");
    expect(receipts).toBeGreaterThan(READINGS);
  });
});

/** Stops a device's process when nothing of it is under way: right after a receipt, in its rest before the next reading. */
async function standStillBetweenReadings(device: CrashDevice): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = device.onOperation(({ op }) => {
      if (op !== "receipted") return;
      device.program.signal("SIGSTOP");
      end();
      resolve();
    });
  });
}

/** Lets every sync of these processes and of what they start fail while something happens. @returns what they did. */
async function whileSyncsFail(
  pids: readonly number[],
  happens: () => Promise<void>,
): Promise<readonly Call[]> {
  const strace = await Strace.attach(pids, { inject: "fdatasync:error=EIO" });
  try {
    await happens();
  } finally {
    await strace.stop();
  }
  return strace.calls();
}

function isSync({ name, result }: Call): boolean {
  return (name === "fdatasync" || name === "fsync") && result === 0;
}

function isIn({ place }: Call, path: string): boolean {
  return place === path;
}

function isFailedSync({ name, result }: Call): boolean {
  return name === "fdatasync" && result < 0;
}

/** The gateway's descriptor of its queue that was opened with `O_DSYNC`. */
function syncingFd(pid: number): number {
  const found = readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    const path = readlinkSync(`/proc/${pid}/fd/${fd}`);
    if (!path.endsWith("/queue.lmdb")) return false;
    const [, flags = "0"] =
      /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8")) ?? [];
    return (Number.parseInt(flags, 8) & O_DSYNC) !== 0;
  });
  return Number(found[0] ?? -1);
}
