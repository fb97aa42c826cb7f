import type { DemoClock, RegisterPatient } from "@siphms/api";

import type { OperatorClient } from "../installation/operator-client.ts";
import { planClock } from "./clinical-clock.ts";
import type { Pace } from "./clinical-clock.ts";
import { demoName } from "./names.ts";
import { demoMrn, lengthMs } from "./recordings/recording.ts";
import type { Recording } from "./recordings/recording.ts";

/** The name of the doctor in whose care the demo's patients are. */
export const DEMO_DOCTOR = "Dr. Iris Hollander (demo)";

/** Where a data set does not tell the age: stated as such in the problem. */
const ASSUMED_AGE = 60;

/** A demo patient: the recording that plays, and the clock that it plays by. */
export interface DemoPatient {
  readonly mrn: string;
  readonly recording: Recording;
  readonly demoClock: DemoClock;
}

/** What {@link registerDemoPatient} needs beside the recording. */
export interface RegisterOptions {
  readonly operator: OperatorClient;
  /** Clocks of the patients whom an earlier start registered. */
  readonly known: ReadonlyMap<string, DemoClock>;
  readonly pace: Pace;
  readonly now: number;
}

/** Looks up the demo patients of earlier starts. */
export async function knownDemoPatients(
  operator: OperatorClient,
): Promise<ReadonlyMap<string, DemoClock>> {
  const known = new Map<string, DemoClock>();
  for (const { mrn, demo } of await operator.patients()) {
    if (demo !== undefined) known.set(mrn, demo);
  }
  return known;
}

/**
 * Registers the demo patient of a recording, with the clock by which it plays; one who is known keeps the clock.
 *
 * @param index - Place of the recording in the list, which chooses the invented name.
 */
export async function registerDemoPatient(
  recording: Recording,
  index: number,
  { operator, known, pace, now }: RegisterOptions,
): Promise<DemoPatient> {
  const mrn = demoMrn(recording);
  const earlier = known.get(mrn);
  if (earlier !== undefined) return { mrn, recording, demoClock: earlier };
  const demo = planClock(lengthMs(recording), now, pace);
  await operator.addPatient({ ...describe(recording, index, now), mrn, demo });
  return { mrn, recording, demoClock: demo };
}

function describe(
  recording: Recording,
  index: number,
  now: number,
): Omit<RegisterPatient, "mrn" | "demo"> {
  const { age, sex, problem, source } = recording;
  const year = new Date(now).getUTCFullYear() - (age ?? ASSUMED_AGE);
  return {
    name: demoName(index, sex),
    birthDate: `${year}-07-01`,
    sex,
    problem: age === undefined ? `${problem} (age not recorded)` : problem,
    doctor: DEMO_DOCTOR,
    source,
  };
}

const GUEST_MRN = "DEMO-GUEST";

/**
 * Makes sure of one demo patient without a recording, for whom a device of another program can be enrolled.
 *
 * @returns The patient's medical record number.
 */
export async function demoGuest(operator: OperatorClient, now: number): Promise<string> {
  const known = await operator.patients();
  if (known.some(({ mrn }) => mrn === GUEST_MRN)) return GUEST_MRN;
  await operator.addPatient({
    mrn: GUEST_MRN,
    name: "Gwendolyn Gastmark (demo)",
    birthDate: `${new Date(now).getUTCFullYear() - ASSUMED_AGE}-07-01`,
    problem: "A device of your own",
    doctor: DEMO_DOCTOR,
    source: "synthetic",
  });
  return GUEST_MRN;
}
