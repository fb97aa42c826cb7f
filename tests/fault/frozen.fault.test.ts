/**
 * A part that stands still (SIGSTOP: a hung disk, a paused virtual machine) or a database that is away, while devices
 * record and send. Each test has an installation of its own, so that all of them wait at the same time.
 */
import { setTimeout as wait } from "node:timers/promises";
import { describe, it, type ExpectStatic } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import { describeViolations } from "../crash/report.ts";
import { machineTime, WatchedDevices } from "../faults-kit/watched-devices.ts";

const FROZEN_MS = 30_000;
const AWAY_MS = 60_000;
/** What was under way when the fault began may still arrive. */
const SETTLING_MS = 500;
const TEST_LIMIT_MS = 240_000;

interface Fault {
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

/** Lets a fault last so long, and says when it began to count and when it ended (ms). */
async function last(ms: number, { begin, end }: Fault): Promise<{ from: number; to: number }> {
  await begin();
  await wait(SETTLING_MS);
  const from = machineTime();
  await wait(ms);
  const to = machineTime();
  await end();
  return { from, to };
}

/** Plays a fault and compares afterwards what the devices did with what the hospital holds. */
async function play(
  expect: ExpectStatic,
  choose: (parts: { installation: ApartInstallation; devices: WatchedDevices }) => Fault,
  ms: number,
): Promise<void> {
  const installation = await ApartInstallation.start();
  try {
    const devices = await WatchedDevices.enrol(installation);
    const { gateway, hospital } = installation;
    const { from, to } = await last(ms, choose({ installation, devices }));
    await devices.served("the fault");
    const { violations, receipts } = await devices.compare();
    expect(describeViolations(violations)).toBe("");
    const during = devices.since(from, "receipted").filter(({ t }) => t <= to);
    expect(during, "receipts while nothing could be stored").toEqual([]);
    expect(receipts).toBeGreaterThan(devices.devices.length);
    expect(await installation.gatewayMetric("siphms_gateway_queued_envelopes")).toBe(0);
    expect([gateway.starts, hospital.starts], "nobody had to start anything again").toEqual([1, 1]);
  } finally {
    await installation.remove();
  }
}

const stopped = (part: { signal: (signal: NodeJS.Signals) => boolean }): Fault => ({
  begin: () => part.signal("SIGSTOP"),
  end: () => part.signal("SIGCONT"),
});

describe("nothing is lost, doubled or wrongly receipted, and all goes on by itself,", () => {
  const options = { timeout: TEST_LIMIT_MS };

  it.concurrent("when the gateway stands still for 30 s", options, async ({ expect }) => {
    await play(expect, ({ installation }) => stopped(installation.gateway), FROZEN_MS);
  });

  it.concurrent("when the hospital stands still for 30 s", options, async ({ expect }) => {
    await play(expect, ({ installation }) => stopped(installation.hospital), FROZEN_MS);
  });

  it.concurrent("when PostgreSQL stands still for 30 s", options, async ({ expect }) => {
    const whole = ({ postgres }: ApartInstallation) => ({
      signal: (signal: NodeJS.Signals) => postgres.signalAll(signal),
    });
    await play(expect, ({ installation }) => stopped(whole(installation)), FROZEN_MS);
  });

  it.concurrent("when the devices stand still for 30 s", options, async ({ expect }) => {
    const all = ({ devices }: WatchedDevices) => ({
      signal: (signal: NodeJS.Signals) => devices.every(({ program }) => program.signal(signal)),
    });
    await play(expect, ({ devices }) => stopped(all(devices)), FROZEN_MS);
  });

  it.concurrent("when the database is away for a minute", options, async ({ expect }) => {
    const away = ({ postgres }: ApartInstallation): Fault => ({
      begin: () => postgres.hold(),
      end: () => postgres.release(),
    });
    await play(expect, ({ installation }) => away(installation), AWAY_MS);
  });
});
