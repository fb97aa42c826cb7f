import { AuditError } from "@siphms/audit";
import type { AuditLine } from "@siphms/api";
import {
  createPseudonyms,
  isAsLogged,
  openDetails,
  type EntryDetails,
  type Pseudonyms,
} from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import { KeyError, type Keyring } from "../keys/index.ts";
import type { FoundEntry } from "./find-entries.ts";

/** An entry with what it says beside its index, and whether the log has bound it. */
export interface OpenedEntry {
  /** Codes, counts and ids; empty where there is nothing, or it was erased. */
  readonly details: EntryDetails;
  readonly log: AuditLine["log"];
}

interface Ports {
  readonly database: Database;
  readonly keyring: Keyring;
}

const ALTERED: OpenedEntry = { details: {}, log: { state: "altered" } };

/** Opens entries, each under its id. */
export async function openEntries(
  entries: readonly FoundEntry[],
  ports: Ports,
): Promise<ReadonlyMap<number, OpenedEntry>> {
  const pseudonyms = createPseudonyms(ports.keyring);
  const details = await openAll(entries, ports);
  return new Map(
    entries.map((entry): [number, OpenedEntry] => {
      const opened = details.get(entry.id);
      const isGood = opened !== undefined && isBelieved(entry, pseudonyms);
      return [entry.id, isGood ? { details: opened, log: stateOf(entry) } : ALTERED];
    }),
  );
}

/** The details of each; whose were altered is left out, and stops nobody from seeing the others. */
async function openAll(
  entries: readonly FoundEntry[],
  ports: Ports,
): Promise<ReadonlyMap<number, EntryDetails>> {
  const together = await openSome(entries, ports);
  if (together !== undefined) return together;
  const found = new Map<number, EntryDetails>();
  for (const entry of entries) {
    for (const [id, details] of (await openSome([entry], ports)) ?? []) found.set(id, details);
  }
  return found;
}

async function openSome(
  entries: readonly FoundEntry[],
  { database, keyring }: Ports,
): Promise<ReadonlyMap<number, EntryDetails> | undefined> {
  try {
    const opened = await openDetails(database, keyring, entries);
    return new Map(entries.map(({ id }) => [id, opened.get(id) ?? {}]));
  } catch (error) {
    if (isOfAlteredEntry(error)) return undefined;
    throw error;
  }
}

/** No good leaf, no good cell, or details of another form: none of these this installation writes. */
function isOfAlteredEntry(error: unknown): boolean {
  if (error instanceof KeyError) return error.code === "CELL_UNAUTHENTIC";
  return error instanceof AuditError || error instanceof TypeError;
}

/** Whether the row says what its leaf says. An entry from before the log has none, and no place in it. */
function isBelieved(entry: FoundEntry, pseudonyms: Pseudonyms): boolean {
  return entry.leaf.length === 0 ? entry.index === null : isAsLogged(entry, pseudonyms);
}

function stateOf({ leaf, index }: FoundEntry): AuditLine["log"] {
  if (index !== null) return { state: "logged", index };
  return { state: leaf.length === 0 ? "before" : "waiting" };
}
