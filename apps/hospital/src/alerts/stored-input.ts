import type { DemoClock } from "@siphms/api";
import type { Input, Sample } from "@siphms/alerts";
import type { Series } from "@siphms/messages";
import { kindInfo, toClinical } from "@siphms/vitals";
import { KeyError, type PatientCipher } from "../keys/index.ts";
import { clinicalTime } from "../patients/index.ts";
import {
  eachSample,
  samplesOf,
  unsealBatch,
  type OpenedRun,
  type StoredBatch,
} from "../records/index.ts";

/** What messages say to the rules. */
export interface Told {
  readonly samples: readonly Sample[];
  readonly batteries: NonNullable<Input["batteries"]>;
  /** When the newest of them came, clinical ms; absent where none counts. */
  readonly contactAt?: number;
  /** How many could not be opened. */
  readonly unopened: number;
}

const MAX_PERCENT = 100;
/** Whoever sends this has not been confirmed as the patient: nothing of it says anything about them. */
const NOT_THE_PATIENTS = "binding-pending";

/** Takes what stored messages of one patient say: good values, charges of sensors, and that they came. */
export function readTold(
  batches: readonly StoredBatch[],
  { cipher, demo }: { readonly cipher: PatientCipher; readonly demo: DemoClock | null },
): Told {
  const samples: Sample[] = [];
  const batteries = new Map<string, number>();
  let contactAt: number | undefined;
  let unopened = 0;
  for (const batch of batches) {
    try {
      const opened = unsealBatch(batch, cipher);
      if (opened.receipt.reason === NOT_THE_PATIENTS) continue;
      for (const run of samplesOf(batch, opened, { demo })) addSamples(samples, run);
      for (const series of opened.readings.series) addBattery(batteries, series);
      contactAt = Math.max(contactAt ?? 0, clinicalTime(demo, batch.receivedAt));
    } catch (error) {
      // Changed in the database. What the others say counts all the same.
      if (!(error instanceof KeyError)) throw error;
      unopened += 1;
    }
  }
  return {
    samples,
    batteries: [...batteries].map(([sensor, percent]) => ({ sensor, percent })),
    ...(contactAt === undefined ? {} : { contactAt }),
    unopened,
  };
}

function addSamples(samples: Sample[], run: OpenedRun): void {
  // What a doctor releases later was seen by that doctor: it raises nothing.
  if (run.state === "quarantined") return;
  const kind = kindInfo(run.kind).name;
  const late = run.state === "late";
  eachSample(run, (at, value) => {
    samples.push({ kind, at, value: toClinical(run.kind, value), late });
  });
}

/** What a device claims counts only as far as it can be true. */
function addBattery(batteries: Map<string, number>, { sensor }: Series): void {
  const { manufacturer = "", model = "", serial = "", batteryPercent } = sensor ?? {};
  if (batteryPercent === undefined || batteryPercent > MAX_PERCENT) return;
  batteries.set(JSON.stringify([manufacturer, model, serial]), batteryPercent);
}
