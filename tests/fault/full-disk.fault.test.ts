/**
 * A disk that another program fills to the last byte: below the gateway's queue, below PostgreSQL, below a device's
 * store. Each test has an installation of its own, so that their waits pass at the same time.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";
import { describe, expect, it, type ExpectStatic } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import { describeViolations } from "../crash/report.ts";
import { SmallDisk, whyNoSmallDisk } from "../faults-kit/small-disk.ts";
import { machineTime, until, WatchedDevices } from "../faults-kit/watched-devices.ts";
import { SIPHMS } from "../system/installation.ts";

const TEST_LIMIT_MS = 240_000;
/** The gateway and the devices go on with a full disk for so long. */
const FULL_MS = 3_000;

async function expectNothingLost(expect: ExpectStatic, devices: WatchedDevices): Promise<void> {
  await devices.served("there was room again");
  const { violations, receipts } = await devices.compare();
  expect(describeViolations(violations)).toBe("");
  expect(receipts).toBeGreaterThan(devices.devices.length);
}

async function underGateway(expect: ExpectStatic, disk: SmallDisk): Promise<void> {
  const gatewayData = join(disk.folder, "gateway");
  mkdirSync(gatewayData, { mode: 0o700 });
  const installation = await ApartInstallation.start({
    gatewayData,
    gateway: { SIPHMS_GATEWAY_RESERVE_MEBIBYTES: "4" },
  });
  try {
    const { gateway, hospital, gatewayUrl } = installation;
    const eager = { engine: { inFlight: 64, preferWaitSeconds: 0 }, window: 1000, pauseMs: 100 };
    const devices = await WatchedDevices.enrol(installation, [eager, {}]);
    await hospital.hold();
    const queued = (): Promise<number> =>
      installation.gatewayMetric("siphms_gateway_queued_envelopes");
    await until(async () => (await queued()) >= 10, "a queue");
    const from = machineTime();
    disk.fill();
    await until(
      () => devices.since(from, "problem").some(({ code }) => code === "QUEUE_FULL"),
      "a device to be told that the queue is full",
    );
    const told = machineTime();
    hospital.release();
    // What it acknowledged lies on a disk on which it can write nothing: it has to come up with it all the same.
    gateway.signal("SIGKILL");
    await until(() => gateway.starts === 2, "the gateway to be started again");
    await gateway.ready();
    expect(await queued()).toBeGreaterThanOrEqual(10);
    expect((await fetch(`${gatewayUrl}/v1/health`)).status).toBe(503);
    await wait(FULL_MS);
    const acknowledged = devices.since(told, "answered").filter(({ status }) => status === 202);
    expect(acknowledged, "acknowledgements of a gateway without room").toEqual([]);
    disk.free();
    await expectNothingLost(expect, devices);
    expect([await queued(), gateway.starts], "the gateway did not crash").toEqual([0, 2]);
  } finally {
    await installation.remove();
  }
}

async function underPostgres(expect: ExpectStatic, disk: SmallDisk): Promise<void> {
  const installation = await ApartInstallation.start({ postgresFolder: disk.folder });
  try {
    const { postgres, hospital } = installation;
    const devices = await WatchedDevices.enrol(installation);
    disk.fill();
    // At first single statements fail. When the log needs its next file, the server gives up, again at each start.
    const from = machineTime();
    await wait(FULL_MS);
    await useUpLog(postgres.adminUrl);
    await until(() => postgres.lastFailure !== "", "PostgreSQL to fail to start");
    const failed = machineTime();
    await wait(FULL_MS);
    expect(devices.since(failed, "receipted"), "receipts for what is not stored").toEqual([]);
    expect(devices.since(from, "kept"), "items that a full disk is blamed on").toEqual([]);
    disk.free();
    await expectNothingLost(expect, devices);
    expect([postgres.starts > 1, hospital.starts]).toEqual([true, 1]);
  } finally {
    await installation.remove();
  }
}

/** Writes into the write-ahead log until the server can do so no more. */
async function useUpLog(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  // The server ends all connections when it gives up.
  client.on("error", () => undefined);
  await client.connect();
  const message = "SELECT pg_logical_emit_message(true, 'ballast', repeat('x', 1000000))";
  try {
    for (;;) await client.query(message);
  } catch {
    await client.end().catch(() => undefined);
  }
}

async function underDevice(expect: ExpectStatic, disk: SmallDisk): Promise<void> {
  const installation = await ApartInstallation.start();
  try {
    const log = placeDevice(installation.folder, disk);
    const devices = await WatchedDevices.enrol(installation, [{}]);
    const { program } = devices.devices[0]!;
    disk.fill();
    // Each of its processes ends at the first reading that it cannot keep, and is started again.
    const { starts } = program;
    await until(() => program.starts >= starts + 2, "the device to end twice");
    expect(readFileSync(log, "utf8")).toContain("STORE_FAILED");
    disk.free();
    await expectNothingLost(expect, devices);
  } finally {
    await installation.remove();
  }
}

/** Puts the first device's store on the disk, and its log and history beside it. @returns the log's path. */
function placeDevice(folder: string, disk: SmallDisk): string {
  const state = join(disk.folder, "device");
  mkdirSync(state, { mode: 0o700 });
  mkdirSync(join(folder, "devices"));
  symlinkSync(state, join(folder, "devices", "watched-0"));
  for (const name of ["history.jsonl", "device.log"]) {
    writeFileSync(join(folder, name), "");
    symlinkSync(join(folder, name), join(state, name));
  }
  return join(folder, "device.log");
}

async function onDisk(mebibytes: number, test: (disk: SmallDisk) => Promise<void>): Promise<void> {
  const disk = SmallDisk.mount(mebibytes);
  try {
    await test(disk);
  } finally {
    disk.unmount();
  }
}

const why = whyNoSmallDisk === "" ? "" : ` (skipped: ${whyNoSmallDisk})`;

describe.skipIf(whyNoSmallDisk !== "")(`a full disk${why}`, () => {
  const options = { timeout: TEST_LIMIT_MS };

  it.concurrent(
    "below the gateway: it says so, keeps what it acknowledged, and goes on when there is room",
    options,
    async ({ expect }) => onDisk(24, (disk) => underGateway(expect, disk)),
  );

  it.concurrent(
    "below PostgreSQL: nothing is receipted, nothing given up, and all goes on when there is room",
    options,
    async ({ expect }) => onDisk(160, (disk) => underPostgres(expect, disk)),
  );

  it.concurrent(
    "below a device: it claims to have recorded nothing that it cannot keep, and goes on when there is room",
    options,
    async ({ expect }) => onDisk(2, (disk) => underDevice(expect, disk)),
  );
});

describe.skipIf(!existsSync("/dev/full"))("a full disk below the log", () => {
  it("changes nothing about what a command of siphms does", () => {
    const stdio = ["ignore", "ignore", openSync("/dev/full", "w")] as const;
    const { status } = spawnSync(process.execPath, [SIPHMS, "no-such-command"], {
      stdio: [...stdio],
    });
    expect(status, "the exit code of wrong use, which is explained on standard error").toBe(2);
  });
});
