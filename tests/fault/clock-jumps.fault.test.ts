/**
 * Wall clocks that are set a day ahead or back while everything runs, and set right again a few seconds later. In each
 * of these times a device begins a new session, which takes over what the hospital's clock says.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, it, type ExpectStatic } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import type { HospitalRecords } from "../crash/check-history.ts";
import type { DeviceHistory, Operation } from "../crash/history.ts";
import { describeViolations } from "../crash/report.ts";
import { ShiftedClock } from "../faults-kit/shifted-clock.ts";
import { machineTime, WatchedDevices } from "../faults-kit/watched-devices.ts";

const TEST_LIMIT_MS = 240_000;
const DAY_MS = 86_400_000;
const WRONG_MS = 3_000;

type Victim = "gateway" | "hospital" | "devices";

/** From one moment to another, ms. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Outcome {
  /** From the setting of a wrong clock until every device was served again with the right one. */
  readonly wrong: readonly Span[];
  /** Readings that stand in quarantine because of a clock: from their recording to their receipt. */
  readonly quarantined: readonly Span[];
}

/** Sets the clocks of these wrong, twice, and compares what the devices did with what the hospital holds. */
async function play(expect: ExpectStatic, victims: readonly Victim[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "siphms-clock-"));
  const clock = new ShiftedClock(join(folder, "clock"));
  const of = (victim: Victim): Readonly<Record<string, string>> =>
    victims.includes(victim) ? clock.environment : {};
  const installation = await ApartInstallation.start({
    gateway: of("gateway"),
    hospital: of("hospital"),
  });
  try {
    const environment = of("devices");
    const byMailbox = { preferWaitSeconds: 0 };
    const settings = [{ environment }, { environment, engine: byMailbox }];
    const devices = await WatchedDevices.enrol(installation, settings);
    const wrong: Span[] = [];
    for (const shiftMs of [DAY_MS, -DAY_MS]) {
      const from = machineTime();
      await clock.shift(shiftMs);
      devices.devices[0]!.program.signal("SIGKILL");
      await wait(WRONG_MS);
      await clock.shift(0);
      await devices.served("the clock was set right again");
      wrong.push({ from, to: machineTime() });
    }
    const quarantined: Span[] = [];
    const { violations, receipts } = await devices.compare((history, records) => {
      const known = knowClocked(history, records);
      quarantined.push(...known.quarantined);
      return known.history;
    });
    expect(describeViolations(violations)).toBe("");
    expect(receipts).toBeGreaterThan(devices.devices.length);
    return { wrong, quarantined };
  } finally {
    await installation.remove();
    rmSync(folder, { recursive: true });
  }
}

/** The history of a device that knows which of its readings are in quarantine, whole, for the clock's sake. */
function knowClocked(
  history: DeviceHistory,
  { samples }: HospitalRecords,
): { readonly history: DeviceHistory; readonly quarantined: readonly Span[] } {
  const own = samples.filter(({ device }) => device === history.kid);
  const reasons = new Map<string, Set<string | undefined>>();
  for (const { id, quarantine } of own)
    reasons.set(id, (reasons.get(id) ?? new Set()).add(quarantine));
  const isClocked = (id: string): boolean =>
    reasons.get(id)?.size === 1 && reasons.get(id)!.has("clock");
  const places = new Map(
    own.filter(({ id }) => isClocked(id)).map((one) => [placeOf(one), one.id]),
  );
  const received = new Map(
    history.operations.flatMap((one) => (one.op === "receipted" ? [[one.id, one.t] as const] : [])),
  );
  const quarantined: Span[] = [];
  const operations = history.operations.map((operation): Operation => {
    if (operation.op !== "intended") return operation;
    const ids = operation.samples.map((sample) => places.get(placeOf(sample)));
    const [id] = ids;
    if (id === undefined || ids.some((other) => other !== id)) return operation;
    quarantined.push({ from: operation.t, to: received.get(id) ?? Number.POSITIVE_INFINITY });
    const known = operation.samples.map((sample) => ({ ...sample, quarantine: "clock" }));
    return { ...operation, samples: known };
  });
  return { history: { ...history, operations }, quarantined };
}

function placeOf({ kind, at }: { readonly kind: string; readonly at: number }): string {
  return `${kind} ${at}`;
}

describe("nothing is lost or doubled, sessions recover, and only what a wrong clock touched is in quarantine,", () => {
  const options = { timeout: TEST_LIMIT_MS };

  it.concurrent.for([
    ["the devices' clocks", ["devices"], 1],
    ["the hospital's clock", ["hospital"], 1],
    ["the gateway's clock", ["gateway"], 0],
    ["the clock of one machine with everything on it", ["gateway", "hospital", "devices"], 0],
  ] as const)(
    "when %s jump a day ahead, and a day back",
    options,
    async ([, victims, least], { expect }) => {
      const { wrong, quarantined } = await play(expect, victims);
      const untouched = quarantined.filter(
        ({ from, to }) => !wrong.some((span) => from <= span.to && to >= span.from),
      );
      expect(untouched, "in quarantine, though all clocks were right").toEqual([]);
      expect(quarantined.length).toBeGreaterThanOrEqual(least);
    },
  );
});
