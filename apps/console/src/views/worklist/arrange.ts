import type { AlertStand } from "@siphms/api";
import type { KnownPatient } from "../../live/patient-store.ts";
import { clinicalTime } from "../clinical-time.ts";
import { compareNeeds, needOf, type Need } from "./need.ts";

/** Which patients are shown. */
export const FILTERS = ["all", "attention", "no-data", "emergency"] as const;

/** One of {@link FILTERS}. */
export type Filter = (typeof FILTERS)[number];

/** In which order. */
export const ORDERS = ["need", "name", "contact", "silence"] as const;

/** One of {@link ORDERS}. */
export type Order = (typeof ORDERS)[number];

/** What somebody asked of the list. */
export interface Wanted {
  /** Part of a name or of a medical record number. */
  readonly query: string;
  readonly filter: Filter;
  readonly order: Order;
}

/** The list as it should stand, and how many patients each filter would show. */
export interface Arranged {
  readonly ids: readonly string[];
  /** Patients in all, whatever was asked. */
  readonly total: number;
  readonly counts: Readonly<Record<Filter, number>>;
}

/** One patient of the list, with the stand of their alerts where it is known. */
export interface Listed {
  readonly patient: KnownPatient;
  readonly stand: AlertStand | undefined;
}

interface Candidate {
  readonly patient: KnownPatient;
  readonly need: Need;
}

/** Filters and orders the patients. @param now - This machine's clock, ms. */
export function arrange(
  patients: readonly Listed[],
  { query, filter, order }: Wanted,
  now: number,
): Arranged {
  const found = patients
    .filter(({ patient }) => matches(patient, query))
    .map(({ patient, stand }) => ({
      patient,
      need: needOf(patient, stand, clinicalTime(patient, now)),
    }));
  const counts = Object.fromEntries(
    FILTERS.map((name) => [name, found.filter((one) => PASSES[name](one, now)).length]),
  ) as Record<Filter, number>;
  const shown = found.filter((one) => PASSES[filter](one, now));
  const compare = COMPARISONS[order];
  shown.sort((a, b) => compare(a, b) || byName(a, b));
  return { ids: shown.map(({ patient }) => patient.id), total: patients.length, counts };
}

const PASSES: Readonly<Record<Filter, (one: Candidate, now: number) => boolean>> = {
  all: () => true,
  attention: ({ need }) => need.level === "urgent" || need.level === "warning",
  "no-data": ({ need }) => need.isSilent,
  emergency: ({ patient }, now) => (patient.breakGlassUntil ?? 0) > now,
};

const COMPARISONS: Readonly<Record<Order, (a: Candidate, b: Candidate) => number>> = {
  need: (a, b) => compareNeeds(a.need, b.need),
  name: () => 0,
  contact: (a, b) => contactOf(b) - contactOf(a),
  silence: (a, b) => contactOf(a) - contactOf(b),
};

function contactOf({ patient }: Candidate): number {
  return patient.lastContact ?? 0;
}

const NAMES = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function byName(a: Candidate, b: Candidate): number {
  return (
    NAMES.compare(a.patient.name, b.patient.name) || NAMES.compare(a.patient.mrn, b.patient.mrn)
  );
}

function matches({ name, mrn }: KnownPatient, query: string): boolean {
  const wanted = query.trim().toLocaleLowerCase();
  return wanted === "" || `${name}\n${mrn}`.toLocaleLowerCase().includes(wanted);
}
