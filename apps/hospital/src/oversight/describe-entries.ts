import type { AuditLine, Purpose, Role } from "@siphms/api";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Demographics } from "../patients/index.ts";
import { readStaffNames } from "../staff/index.ts";
import type { FoundEntry } from "./find-entries.ts";
import { openEntries, type OpenedEntry } from "./open-entry.ts";
import { openPatients } from "./open-patients.ts";

interface Known {
  readonly names: ReadonlyMap<string, string>;
  readonly patients: ReadonlyMap<string, Demographics>;
  readonly opened: ReadonlyMap<number, OpenedEntry>;
}

const PURPOSES: readonly Purpose[] = ["break-glass", "operations", "payment", "treatment"];
const ROLES: readonly Role[] = [
  "administrator",
  "doctor",
  "integration",
  "nurse",
  "privacy-officer",
];

/** Entries as a privacy officer sees them: people by name, patients by record number and nothing else of theirs. */
export async function describeEntries(
  entries: readonly FoundEntry[],
  { database, keyring }: { readonly database: Database; readonly keyring: Keyring },
): Promise<AuditLine[]> {
  const subjects = [...new Set(entries.flatMap(({ subject }) => subject ?? []))];
  const known: Known = {
    names: await readStaffNames(database, keyring),
    patients: await openPatients(database, keyring, subjects),
    opened: await openEntries(entries, { database, keyring }),
  };
  return entries.map((entry) => describe(entry, known));
}

function describe(entry: FoundEntry, known: Known): AuditLine {
  const { id, at, event, actor, object, outcome } = entry;
  const opened = known.opened.get(id);
  return {
    ...{ id: String(id), at, event, actor, outcome },
    ...describeActor(entry, known),
    ...describePatient(entry, known),
    ...(object === null ? {} : { object: known.names.get(object) ?? object }),
    details: { ...opened?.details },
    log: opened?.log ?? { state: "altered" },
  };
}

function describeActor(
  { actor, role, purpose }: FoundEntry,
  { names }: Known,
): Pick<AuditLine, "name" | "purpose" | "role"> {
  const name = names.get(actor);
  const knownRole = ROLES.find((one) => one === role);
  const knownPurpose = PURPOSES.find((one) => one === purpose);
  return {
    ...(name === undefined ? {} : { name }),
    ...(knownRole === undefined ? {} : { role: knownRole }),
    ...(knownPurpose === undefined ? {} : { purpose: knownPurpose }),
  };
}

function describePatient({ subject }: FoundEntry, { patients }: Known): Pick<AuditLine, "patient"> {
  if (subject === null) return {};
  const mrn = patients.get(subject)?.mrn;
  return { patient: mrn === undefined ? {} : { mrn } };
}
