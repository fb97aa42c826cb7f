import type { EntryDetails } from "../audit/index.ts";
import type { Condition } from "./conditions.ts";
import type { FigurePorts } from "./figure-source.ts";
import { findOldest } from "./find-entries.ts";
import { openEntries } from "./open-entry.ts";

/**
 * Details are opened of so many entries of one person for one figure: anybody who is signed in can make entries as fast as
 * they ask, and counting them must never take more memory than there is. It is far beyond what is out of the ordinary.
 */
const DETAILED = 1000;

/** An entry's details, by its id; empty where they cannot be read. */
export interface Detailed {
  readonly id: number;
  readonly details: EntryDetails;
}

/** The details of the oldest entries that meet every condition: of at most `most`, and never of more than 1,000. */
export async function openOldest(
  conditions: readonly Condition[],
  most: number,
  ports: FigurePorts,
): Promise<readonly Detailed[]> {
  const entries = await findOldest(ports.database, conditions, Math.min(most, DETAILED));
  const opened = await openEntries(entries, ports);
  return entries.map(({ id }) => ({ id, details: opened.get(id)?.details ?? {} }));
}
