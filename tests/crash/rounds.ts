import { setTimeout as wait } from "node:timers/promises";
import type { ApartInstallation } from "./apart-installation.ts";
import type { CrashDevice } from "./crash-device.ts";
import type { Operation } from "./history.ts";
import type { Kept } from "./keeper.ts";
import { sendSignal, titleOf } from "./kept-postgres.ts";
import type { Random } from "./random.ts";

/** Who is killed. */
export const VICTIMS = ["gateway", "hospital", "PostgreSQL", "device"] as const;

/** See {@link VICTIMS}. */
export type Victim = (typeof VICTIMS)[number];

/** In the place of a victim: gateway, hospital or PostgreSQL, just while a device begins a session. */
export const BEGINNING = "one of the servers, while a device began a session";

/** Where rounds are played. */
export interface Scene {
  readonly installation: ApartInstallation;
  readonly devices: readonly CrashDevice[];
}

/** What came of a round. */
export interface Round {
  readonly victim: Victim | typeof BEGINNING;
  /** What exactly was done, for a person. */
  readonly how: string;
  /** Envelopes that were posted and not answered when the first kill came: those of the victim, or of all devices. */
  readonly underWay: number;
  /** From the last kill until every device held a receipt for something that it recorded after that kill, ms. */
  readonly recoveryMs: number;
}

/** Longer than every pause that a program makes by itself after one kill. */
const RECOVERY_LIMIT_MS = 180_000;
const LONGEST_CALM_MS = 200;
/** Right behind an event lie the windows between a promise and what it promises. */
const LONGEST_AFTER_EVENT_MS = 6;
const LONGEST_EVENT_WAIT_MS = 2_000;
const LONGEST_HANDSHAKE_MS = 60;
/** One round in so many kills a second time, while the victim starts. */
const AGAIN_ONE_IN = 6;
const LONGEST_UNTIL_AGAIN_MS = 700;

/**
 * Kills the victim with SIGKILL at a moment that the random numbers choose, while the devices record and send, and waits
 * until every device has a receipt for something that it recorded afterwards. Nobody helps but the keepers, which start
 * again what ended.
 *
 * @throws where that takes longer than any pause of the programs.
 */
export async function playRound(scene: Scene, victim: Victim, random: Random): Promise<Round> {
  const device = random.pick(scene.devices);
  const watched = victim === "device" ? [device] : scene.devices;
  const moment = await waitForMoment(watched, random);
  return strikeAndWait(scene, victim, { device, watched, random, moment });
}

/** As {@link playRound}, but one of the servers is killed just while a device that was killed itself begins a session. */
export async function playRoundAtBeginning(scene: Scene, random: Random): Promise<Round> {
  const victim = random.pick(["gateway", "hospital", "PostgreSQL"] as const);
  const device = random.pick(scene.devices);
  const started = nextOperation([device], ({ op }) => op === "started");
  device.program.signal("SIGKILL");
  await started;
  const laterMs = random.between(0, LONGEST_HANDSHAKE_MS);
  await wait(laterMs);
  const moment = `${laterMs} ms after ${device.name} was started anew`;
  const strike = { device, watched: scene.devices, random, moment };
  return { ...(await strikeAndWait(scene, victim, strike)), victim: BEGINNING };
}

interface Strike {
  readonly device: CrashDevice;
  /** Whose envelopes under way count. */
  readonly watched: readonly CrashDevice[];
  readonly random: Random;
  readonly moment: string;
}

async function strikeAndWait(
  scene: Scene,
  victim: Victim,
  { device, watched, random, moment }: Strike,
): Promise<Round> {
  const underWay = watched.reduce((sum, one) => sum + one.underWay, 0);
  let killedAt = now();
  let how = `${strike(scene, victim, { device, random, isUp: true })}, ${moment}`;
  if (random.below(AGAIN_ONE_IN) === 0) {
    const pauseMs = random.between(1, LONGEST_UNTIL_AGAIN_MS);
    await wait(pauseMs);
    killedAt = now();
    how += `; ${pauseMs} ms later ${strike(scene, victim, { device, random, isUp: false })}`;
  }
  const recoveredAt = await recovery(scene.devices, killedAt, how);
  return { victim, how, underWay, recoveryMs: recoveredAt - killedAt };
}

/** The machine's time as the devices write it into their histories, ms. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

async function waitForMoment(devices: readonly CrashDevice[], random: Random): Promise<string> {
  const calmMs = random.between(1, LONGEST_CALM_MS);
  await wait(calmMs);
  if (random.below(3) === 0) return "at some moment";
  const event = random.pick(["recorded", "posted", "answered", "receipted"] as const);
  await Promise.race([
    nextOperation(devices, ({ op }) => op === event),
    wait(LONGEST_EVENT_WAIT_MS),
  ]);
  const laterMs = random.between(0, LONGEST_AFTER_EVENT_MS);
  if (laterMs > 0) await wait(laterMs);
  return `${laterMs} ms after "${event}"`;
}

/** Resolves at the next operation of any of these devices that fits. */
function nextOperation(
  devices: readonly CrashDevice[],
  fits: (operation: Operation) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const ends = devices.map((device) =>
      device.onOperation((operation) => {
        if (!fits(operation)) return;
        for (const end of ends) end();
        resolve();
      }),
    );
  });
}

interface Aim {
  readonly device: CrashDevice;
  readonly random: Random;
  /** False where the victim may still be starting. */
  readonly isUp: boolean;
}

function strike({ installation }: Scene, victim: Victim, aim: Aim): string {
  switch (victim) {
    case "gateway":
    case "hospital":
      return strikeProgram(installation[victim]);
    case "device":
      return strikeProgram(aim.device.program);
    case "PostgreSQL":
      return strikePostgres(installation, aim);
  }
}

function strikeProgram(program: Kept): string {
  return program.signal("SIGKILL") ? `the ${program.name}` : `nobody: the ${program.name} was down`;
}

function strikePostgres({ postgres }: ApartInstallation, { random, isUp }: Aim): string {
  const children = postgres.children();
  const way = random.below(3);
  if (way === 0 && postgres.signalAll("SIGKILL")) {
    return `PostgreSQL's postmaster and ${children.length} children`;
  }
  // Where one child alone is killed while the server recovers from the end of another, PostgreSQL 18 may wait for it for good.
  if (way === 1 && isUp && children.length > 0) {
    const child = random.pick(children);
    const title = titleOf(child);
    if (sendSignal(child, "SIGKILL")) return `PostgreSQL's child "${title}"`;
  }
  return postgres.signal("SIGKILL") ? "PostgreSQL's postmaster" : "nobody: PostgreSQL was down";
}

/** When the last of the devices was served again, ms. */
async function recovery(
  devices: readonly CrashDevice[],
  killedAt: number,
  how: string,
): Promise<number> {
  const served = Promise.all(devices.map((device) => device.receiptAfter(killedAt)));
  const limit = new AbortController();
  const over = wait(RECOVERY_LIMIT_MS, undefined, { signal: limit.signal });
  const times = await Promise.race([served, over.catch(() => undefined)]);
  limit.abort();
  if (times !== undefined) return Math.max(...times);
  const waiting = devices.filter(({ newestReceipted }) => newestReceipted <= killedAt);
  const names = waiting.map(({ name }) => name).join(", ");
  throw new Error(`no receipt for ${names} within ${RECOVERY_LIMIT_MS / 1000} s after: ${how}`);
}
