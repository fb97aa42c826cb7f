import { checkHistories, type Violation } from "./check-history.ts";
import type { ApartInstallation } from "./apart-installation.ts";
import type { CrashDevice } from "./crash-device.ts";
import type { DeviceHistory } from "./history.ts";
import type { Random } from "./random.ts";
import { playRound, playRoundAtBeginning, VICTIMS, type Round, type Scene } from "./rounds.ts";
import { readRecords } from "./stored-records.ts";

/** What came of a block of rounds. */
export interface Block {
  readonly rounds: readonly Round[];
  readonly violations: readonly Violation[];
  /** What was compared: a check that saw nothing finds nothing. */
  readonly readings: number;
  readonly samples: number;
  readonly receipts: number;
  /** Envelopes that the gateway still had in its queue after the devices had drained. */
  readonly queued: number;
}

const DEVICES = 4;
const DRAIN_LIMIT_MS = 180_000;

/** What {@link playBlock} plays. */
export interface BlockOptions {
  /** Begins the devices' and the patients' names. */
  readonly name: string;
  /** Rounds of each victim. */
  readonly turns: number;
  /** Whether a last round hits a device that begins a session: it takes up to a minute to be served again. */
  readonly hasBeginning: boolean;
  readonly random: Random;
}

/**
 * Plays rounds with devices that are enrolled for them, every victim once in each turn and in an order that the random
 * numbers choose; then lets the devices drain and compares what they did with what the hospital holds.
 */
export async function playBlock(
  installation: ApartInstallation,
  { name, turns, hasBeginning, random }: BlockOptions,
): Promise<Block> {
  const { devices, patients } = await enrol(installation, name, random);
  const scene = { installation, devices };
  const rounds: Round[] = [];
  const victims = Array.from({ length: turns }, () => random.shuffle(VICTIMS)).flat();
  try {
    await Promise.all(devices.map((device) => device.receiptAfter(0)));
    for (const victim of victims) rounds.push(await playRound(scene, victim, random));
    if (hasBeginning) rounds.push(await playRoundAtBeginning(scene, random));
    await drain(devices);
  } catch (cause) {
    throw new Error(describeFailure(cause, { ...scene, rounds }), { cause });
  }
  const histories = devices.map((device): DeviceHistory => {
    const { name: deviceName, kid } = device;
    return { name: deviceName, kid, patient: patients.get(device)!, operations: device.history() };
  });
  await Promise.all(devices.map((device) => device.stop()));
  const kids = devices.map(({ kid }) => kid);
  const records = await readRecords(installation, kids, [...new Set(patients.values())]);
  return {
    rounds,
    violations: checkHistories(histories, records),
    readings: records.messages.length,
    samples: records.samples.length,
    receipts: histories
      .flatMap(({ operations }) => operations)
      .filter(({ op }) => op === "receipted").length,
    queued: await installation.gatewayMetric("siphms_gateway_queued_envelopes"),
  };
}

/** What a person needs to see of a round that did not end. */
function describeFailure(
  cause: unknown,
  { installation, rounds, devices }: Scene & { readonly rounds: readonly Round[] },
): string {
  return [
    `after ${rounds.length} rounds: ${cause instanceof Error ? cause.message : "failed"}`,
    "the rounds before:",
    ...rounds
      .slice(-4)
      .map(({ how, recoveryMs }) => `  ${how}; served again after ${Math.round(recoveryMs)} ms`),
    ...installation.state().map((line) => `  ${line}`),
    ...devices.flatMap((device) => [
      `the last that ${device.name} wrote:`,
      ...device
        .history()
        .slice(-6)
        .map((operation) => `  ${JSON.stringify(operation)}`),
    ]),
  ].join("\n");
}

async function enrol(installation: ApartInstallation, name: string, random: Random) {
  const devices: CrashDevice[] = [];
  const patients = new Map<CrashDevice, string>();
  for (let index = 0; index < DEVICES; index++) {
    // The last two devices are one patient's: their readings must not mix either.
    const mrn = `${name}-${Math.min(index, DEVICES - 2)}`;
    const patient =
      index === DEVICES - 1 ? patients.get(devices.at(-1)!)! : await installation.addPatient(mrn);
    const device = await installation.addDevice(`${name}-${index}`, mrn, {
      seed: random.below(2 ** 31),
      // Some wait for the answer with the post, some get their 202 at once and the answer by the mailbox.
      engine: { preferWaitSeconds: index % 2 === 0 ? 10 : 0 },
    });
    devices.push(device);
    patients.set(device, patient);
  }
  return { devices, patients };
}

async function drain(devices: readonly CrashDevice[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(`the devices had not drained ${DRAIN_LIMIT_MS / 1000} s after the last round`),
      );
    }, DRAIN_LIMIT_MS);
  });
  try {
    await Promise.race([Promise.all(devices.map((device) => device.drain())), over]);
  } finally {
    clearTimeout(timer);
  }
}
