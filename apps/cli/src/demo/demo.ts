import { setMaxListeners } from "node:events";

import { openDevice } from "@siphms/device";
import type { Clock, Device } from "@siphms/device";
import { createNodeCrypto } from "@siphms/node-crypto";

import { openFileStore } from "../device-state/file-store.ts";
import type { FileStore } from "../device-state/file-store.ts";
import { createNodeHttp } from "../device-state/node-http.ts";
import { loadStoreKey } from "../device-state/store-key.ts";
import type { OperatorClient } from "../installation/operator-client.ts";
import { forEachBounded } from "./bounded.ts";
import type { Pace } from "./clinical-clock.ts";
import { enrolDemoDevice } from "./enrol.ts";
import { collectLatencies } from "./latencies.ts";
import type { Latencies } from "./latencies.ts";
import { knownDemoPatients, registerDemoPatient } from "./patients.ts";
import type { DemoPatient } from "./patients.ts";
import { demoMrn } from "./recordings/recording.ts";
import type { Recording } from "./recordings/recording.ts";
import { replay } from "./replay.ts";

/** Enrolments at once: each costs both sides some signatures, and two cores serve all. */
const ENROLMENTS_AT_ONCE = 6;
/** Clinical minutes that a sample may wait for others of its message, so that none counts as late. */
const PATIENCE_CLINICAL_MS = 5 * 60_000;
/** Nor does a doctor who looks on wait longer than this. */
const PATIENCE_MS = 5_000;
/** A squeezed replay is for counting, not for looking: fuller messages. */
const SQUEEZED_PATIENCE_MS = 3_000;
/** How long a device may take to hand over what it has measured when the demo is stopped. */
const FLUSH_LIMIT_MS = 5_000;

/** What {@link startDemo} needs. */
export interface DemoOptions {
  /** Private folder for the devices' state. */
  readonly folder: string;
  readonly recordings: readonly Recording[];
  readonly pace: Pace;
  readonly operator: OperatorClient;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}

/** One demo patient whose device runs. */
export interface PlayingPatient extends DemoPatient {
  readonly device: Device;
}

/** The running demo. */
export interface Demo {
  readonly latencies: Latencies;
  /** Patients whose devices are active, in the order of their enrolment. */
  readonly playing: readonly PlayingPatient[];
  /** Settles when every recording has been sent and receipted. Rejects when a device fails. */
  readonly finished: Promise<void>;
  /** Ends the replays, lets the devices hand over what they have, and closes their store. */
  stop(): Promise<void>;
}

interface Inner extends DemoOptions {
  readonly store: FileStore;
  readonly storeKey: Uint8Array;
  readonly latencies: Latencies;
  readonly playing: PlayingPatient[];
  readonly runs: Set<Promise<void>>;
  /** Ends the replays. */
  readonly replaying: AbortController;
  /** Ends the devices' sessions. */
  readonly sending: AbortController;
}

/**
 * Starts the demo: registers the patients, enrols a device for each, and plays the recordings in clinical time.
 *
 * Patients, devices and positions of an earlier start are taken up.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const inner: Inner = {
    ...options,
    store: await openFileStore(options.folder),
    storeKey: await loadStoreKey(options.folder, undefined),
    latencies: collectLatencies(options.clock),
    playing: [],
    runs: new Set(),
    replaying: new AbortController(),
    sending: new AbortController(),
  };
  // Hundreds of devices listen to them by intent.
  setMaxListeners(0, inner.replaying.signal, inner.sending.signal);
  const finished = play(inner);
  // The caller may look later; until then a failure is not unheard.
  finished.catch(() => undefined);
  return {
    latencies: inner.latencies,
    playing: inner.playing,
    finished,
    stop: () => stopDemo(inner, finished),
  };
}

async function play(inner: Inner): Promise<void> {
  const { recordings, operator, say } = inner;
  const known = await knownDemoPatients(operator);
  const replays: Promise<void>[] = [];
  let count = 0;
  await forEachBounded(recordings, ENROLMENTS_AT_ONCE, async (recording, index) => {
    if (inner.replaying.signal.aborted) return;
    const patient = await begin(inner, recording, { index, known });
    const replayed = playOne(inner, patient);
    // Heard below; until then a failure must not end the process.
    replayed.catch(() => undefined);
    replays.push(replayed);
    count += 1;
    if (count % 50 === 0 || count === recordings.length) {
      say(`${count} of ${recordings.length} devices are enrolled and measuring.`);
    }
  });
  await Promise.all(replays);
}

async function begin(
  inner: Inner,
  recording: Recording,
  place: { index: number; known: Parameters<typeof registerDemoPatient>[2]["known"] },
): Promise<PlayingPatient> {
  const { operator, pace, clock, store, storeKey, replaying } = inner;
  const mrn = demoMrn(recording);
  const ports = {
    clock,
    http: createNodeHttp(),
    crypto: createNodeCrypto(),
    store: store.part(`${mrn.toLowerCase()}/`),
  };
  const device = await openDevice(ports, { storeKey });
  const registration = { operator, known: place.known, pace, now: clock.now() };
  const patient = await registerDemoPatient(recording, place.index, registration);
  await enrolDemoDevice({ device, mrn, operator, clock, signal: replaying.signal });
  inner.latencies.watch(device);
  const playing = { ...patient, device };
  inner.playing.push(playing);
  return playing;
}

async function playOne(inner: Inner, patient: PlayingPatient): Promise<void> {
  const { device, demoClock, recording } = patient;
  const running = device.run({ signal: inner.sending.signal });
  inner.runs.add(running);
  const patienceMs = patienceOf(inner.pace, demoClock.speed);
  const { clock } = inner;
  const replayed = replay({
    ...{ device, recording, demoClock, patienceMs, clock },
    signal: inner.replaying.signal,
  }).then(() => drained(inner, device));
  // A device whose session fails for good must not leave its replay waiting for ever.
  await Promise.race([replayed, running.then(() => undefined)]);
}

function patienceOf(pace: Pace, speed: number): number {
  if (pace.kind === "squeezed") return SQUEEZED_PATIENCE_MS;
  return Math.min(PATIENCE_MS, PATIENCE_CLINICAL_MS / speed);
}

/** Waits until nothing is left that can be delivered. */
async function drained({ sending, clock }: Inner, device: Device): Promise<void> {
  while (isOpen(device) && !sending.signal.aborted) await clock.sleep(100, sending.signal);
}

function isOpen(device: Device): boolean {
  const { queued, atGateway } = device.status().queue;
  return queued + atGateway > 0;
}

async function stopDemo(inner: Inner, finished: Promise<void>): Promise<void> {
  const { replaying, sending, clock, playing, runs, store } = inner;
  replaying.abort();
  const deadline = clock.monotonic() + FLUSH_LIMIT_MS;
  while (playing.some(({ device }) => isOpen(device)) && clock.monotonic() < deadline) {
    await clock.sleep(100);
  }
  sending.abort();
  await Promise.allSettled([...runs, finished]);
  await store.close();
}
