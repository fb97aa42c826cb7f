import {
  STORED_READINGS,
  type ActivityEntries,
  type AuditChoices,
  type AuditLine,
  type AuditLines,
  type AuditSearch,
} from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfStaff, type AuditEntry } from "../audit/index.ts";
import { isBy, isWithin, type Condition } from "./conditions.ts";
import { describeEntries } from "./describe-entries.ts";
import type { FigurePorts } from "./figure-source.ts";
import { FIGURES } from "./figures.ts";
import { findEntries, listEvents, type FoundPage, type Place } from "./find-entries.ts";
import { findPatientByMrn } from "../patients/index.ts";
import { auditNameOfWeek } from "./review-rows.ts";
import { listStaff } from "../staff/index.ts";
import { createWeekDesk, type WeekDesk } from "./week-desk.ts";
import { listWeeks } from "./weeks.ts";

/** What the desk needs of the rest. */
export interface OversightPorts extends FigurePorts {
  readonly clock: Clock;
}

/** Entries that are about to be shown, and whose patients they name. */
export interface FoundLines {
  readonly kind: "found";
  readonly answer: AuditLines;
  readonly patients: readonly string[];
}

/** What a question to the audit log came to. */
export type SearchOutcome =
  | FoundLines
  | { readonly kind: "patient-unknown" }
  /** Stored readings are found for a named patient only. */
  | { readonly kind: "patient-needed" };

/** What a privacy officer looks at: the audit log, and each week's activity. Every question is noted before it is answered. */
export interface OversightDesk extends WeekDesk {
  /** Whom and what a search can name. */
  choices(): Promise<AuditChoices>;
  /** @param actor - Who asks, as the audit log names them. */
  search(wanted: AuditSearch, actor: string): Promise<SearchOutcome>;
  /** The entries behind one figure of a week; `undefined` where there is no such week. */
  behind(wanted: ActivityEntries, actor: string): Promise<FoundLines | undefined>;
}

const SEARCHED = "audit.searched";
/** Else most of what is found would be this; and the index of what people did leaves it out. */
const NO_STORED_READINGS: Condition = { text: `e.event <> '${STORED_READINGS}'`, values: [] };

/** Joins oversight with its storage. */
export function createOversightDesk(ports: OversightPorts): OversightDesk {
  return {
    ...createWeekDesk(ports),
    choices: () => readChoices(ports),
    search: (wanted, actor) => search(wanted, actor, ports),
    behind: (wanted, actor) => findBehind(wanted, actor, ports),
  };
}

async function readChoices({ database, keyring }: OversightPorts): Promise<AuditChoices> {
  const staff = await listStaff(database, keyring);
  return {
    people: staff.map(({ id, name, role, state }) => ({
      ...{ actor: auditNameOfStaff(id), name, role },
      active: state === "active",
    })),
    events: [...(await listEvents(database)), STORED_READINGS],
  };
}

async function search(
  wanted: AuditSearch,
  actor: string,
  ports: OversightPorts,
): Promise<SearchOutcome> {
  const { mrn, event } = wanted;
  if (event === STORED_READINGS && mrn === undefined) return { kind: "patient-needed" };
  const patient =
    mrn === undefined ? undefined : await findPatientByMrn(ports.database, ports.keyring, mrn);
  if (mrn !== undefined && patient === undefined) return { kind: "patient-unknown" };
  const page = await findEntries(
    ports.database,
    conditionsOf(wanted, patient?.id),
    placeOf(wanted.before),
  );
  await note(
    {
      actor,
      object: "search",
      ...(patient === undefined ? {} : { subject: patient.id }),
      detail: detailOf(wanted),
    },
    ports,
  );
  return describe(page, ports);
}

function conditionsOf(wanted: AuditSearch, patientId: string | undefined): readonly Condition[] {
  const { from, to, actor, event, outcome } = wanted;
  return [
    isWithin(from, to),
    ...(event === STORED_READINGS ? [] : [NO_STORED_READINGS]),
    ...(event === undefined ? [] : [{ text: "e.event = ?", values: [event] }]),
    ...(actor === undefined ? [] : [isBy(actor)]),
    ...(outcome === undefined ? [] : [{ text: "e.outcome = ?", values: [outcome] }]),
    ...(patientId === undefined ? [] : [{ text: "e.subject = ?::uuid", values: [patientId] }]),
  ];
}

/** What was asked, but for the record number: the entry names the patient as every entry does. */
function detailOf({ from, to, actor, event, outcome, before }: AuditSearch) {
  return {
    ...{ from, to, older: before !== undefined },
    ...(actor === undefined ? {} : { of: actor }),
    ...(event === undefined ? {} : { event }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

async function findBehind(
  { week, actor: of, figure, before }: ActivityEntries,
  actor: string,
  ports: OversightPorts,
): Promise<FoundLines | undefined> {
  const { database, clock, timeZone } = ports;
  const weeks = await listWeeks(database, { now: clock.now(), timeZone });
  const found = weeks.find((one) => one.week === week);
  if (found === undefined) return undefined;
  const conditions = await FIGURES[figure].behind(found, of, ports);
  const page = await findEntries(
    database,
    [isWithin(found.from, found.to), ...conditions],
    placeOf(before),
  );
  const detail = { of, figure, older: before !== undefined };
  await note({ actor, object: auditNameOfWeek(week), detail }, ports);
  return describe(page, ports);
}

function placeOf(before: AuditSearch["before"]): Place | undefined {
  return before === undefined ? undefined : { at: before.at, id: Number(before.id) };
}

async function note(
  asked: Pick<AuditEntry, "actor" | "detail" | "object" | "subject">,
  { database, clock }: OversightPorts,
): Promise<void> {
  const entry: AuditEntry = {
    ...asked,
    ...{ at: clock.now(), event: SEARCHED, action: "read", outcome: "done" },
    purpose: "operations",
  };
  await database.withTransaction((tx) => appendAudit(tx, [entry]));
}

async function describe(page: FoundPage, ports: OversightPorts): Promise<FoundLines> {
  const entries: AuditLine[] = await describeEntries(page.entries, ports);
  const patients = [...new Set(page.entries.flatMap(({ subject }) => subject ?? []))];
  return { kind: "found", answer: { entries, more: page.more }, patients };
}
