import { vi } from "vitest";
import type { ApartInstallation } from "../crash/apart-installation.ts";
import { checkHistories, type HospitalRecords, type Violation } from "../crash/check-history.ts";
import type { CrashDevice, CrashDeviceSettings } from "../crash/crash-device.ts";
import type { DeviceHistory, Operation } from "../crash/history.ts";
import { readRecords } from "../crash/stored-records.ts";

/** Longer than every pause that a program makes by itself after a fault. */
const RECOVERY_LIMIT_MS = 90_000;
const DRAIN_LIMIT_MS = 120_000;
/** Between two readings: enough for something to be under way at every moment, and little work for the machine. */
const PAUSE_MS = 50;
/** One waits for the answer with its post, one gets its 202 at once and the answer by the mailbox. */
const BOTH_WAYS: readonly CrashDeviceSettings[] = [{}, { engine: { preferWaitSeconds: 0 } }];

/** What the devices did beside what the hospital holds. */
export interface Comparison {
  readonly histories: readonly DeviceHistory[];
  readonly records: HospitalRecords;
  readonly violations: readonly Violation[];
  /** Receipts that came: a comparison that saw nothing finds nothing. */
  readonly receipts: number;
}

/** Devices of one patient each that record and send without an end while something goes wrong around them. */
export class WatchedDevices {
  readonly devices: readonly CrashDevice[];
  readonly #installation: ApartInstallation;
  readonly #patients: ReadonlyMap<CrashDevice, string>;

  private constructor(installation: ApartInstallation, patients: ReadonlyMap<CrashDevice, string>) {
    this.#installation = installation;
    this.#patients = patients;
    this.devices = [...patients.keys()];
  }

  /** Enrols one device for each settings and waits until each has a receipt. */
  static async enrol(
    installation: ApartInstallation,
    settings: readonly CrashDeviceSettings[] = BOTH_WAYS,
  ): Promise<WatchedDevices> {
    await uplink(installation);
    const patients = new Map<CrashDevice, string>();
    for (const [index, own] of settings.entries()) {
      const name = `watched-${index}`;
      const patient = await installation.addPatient(name);
      patients.set(
        await installation.addDevice(name, name, { pauseMs: PAUSE_MS, seed: index + 1, ...own }),
        patient,
      );
    }
    const watched = new WatchedDevices(installation, patients);
    await watched.served("the enrolment");
    return watched;
  }

  /** Resolves when every device has a receipt for something that it records from now on; nobody helps. */
  async served(after: string): Promise<void> {
    const now = machineTime();
    const all = Promise.all(this.devices.map((device) => device.receiptAfter(now)));
    await within(all, RECOVERY_LIMIT_MS, `a receipt for every device after ${after}`);
  }

  /** Everything that the devices did and heard so far. */
  operations(): readonly Operation[] {
    return this.devices.flatMap((device) => device.history());
  }

  /** Operations of one kind since a time (ms). */
  since<Op extends Operation["op"]>(
    time: number,
    op: Op,
  ): readonly Extract<Operation, { op: Op }>[] {
    return this.operations().filter(
      (one): one is Extract<Operation, { op: Op }> => one.op === op && one.t >= time,
    );
  }

  /**
   * Lets the devices record no more, waits until they have a receipt for everything, and compares.
   *
   * @param adjust - What the test knows better than the histories, such as what a wrong clock puts into quarantine.
   */
  async compare(
    adjust: (history: DeviceHistory, records: HospitalRecords) => DeviceHistory = (history) =>
      history,
  ): Promise<Comparison> {
    const drained = Promise.all(this.devices.map((device) => device.drain()));
    await within(drained, DRAIN_LIMIT_MS, "the devices to drain");
    const histories = this.devices.map((device): DeviceHistory => {
      const { name, kid } = device;
      const patient = this.#patients.get(device)!;
      return { name, kid, patient, operations: device.history() };
    });
    await Promise.all(this.devices.map((device) => device.stop()));
    const kids = this.devices.map(({ kid }) => kid);
    const records = await readRecords(this.#installation, kids, [...this.#patients.values()]);
    return {
      histories,
      records,
      violations: checkHistories(
        histories.map((history) => adjust(history, records)),
        records,
      ),
      receipts: histories.flatMap(({ operations }) => operations).filter(isReceipt).length,
    };
  }
}

/** The machine's time as the devices write it into their histories, ms. */
export function machineTime(): number {
  return performance.timeOrigin + performance.now();
}

/** Waits until the hospital is connected to the gateway. */
export async function uplink(installation: ApartInstallation): Promise<void> {
  const count = (): Promise<number> => installation.gatewayMetric("siphms_gateway_uplinks");
  await until(async () => (await count()) === 1, "the uplink");
}

/** Looks again and again until something is so that other processes are about to do. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const look = async (): Promise<void> => {
    if (!(await condition())) throw new Error(`waited in vain for ${what}`);
  };
  await vi.waitFor(look, { timeout: RECOVERY_LIMIT_MS, interval: 20 });
}

/** Waits no longer than so many ms. @throws where that was too short, saying for what. */
export async function within<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${limitMs / 1000} s in vain for ${what}`));
    }, limitMs);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

function isReceipt({ op }: Operation): boolean {
  return op === "receipted";
}
