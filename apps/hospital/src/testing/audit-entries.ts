import { openDetails, type EntryDetails } from "../audit/index.ts";
import type { SqlValue } from "../database/index.ts";
import type { HospitalWorld } from "./hospital-world.ts";

/** One entry of the audit log, as tests compare it. */
export interface TestEntry {
  readonly id: number;
  readonly event: string;
  readonly actor: string;
  readonly role: string | null;
  readonly subject: string | null;
  readonly object: string | null;
  readonly version: number | null;
  readonly outcome: string;
  readonly purpose: string | null;
  /** What else it says, opened. */
  readonly details: EntryDetails;
  /** The same as text: `{"why": "role"}`. */
  readonly detail: string;
}

/**
 * The audit entries to which a condition applies, in order, with their details opened.
 *
 * @param where - A condition on `audit_events`.
 */
export async function readEntries(
  { database, keyring }: Pick<HospitalWorld, "database" | "keyring">,
  where: string,
  values: readonly SqlValue[] = [],
): Promise<readonly TestEntry[]> {
  const { rows } = await database.query(
    `SELECT id, event, actor, role, subject, object, version, outcome, purpose FROM audit_events
     WHERE ${where} ORDER BY id`,
    values,
  );
  const found = rows.map((row) => ({
    id: row.number("id"),
    event: row.text("event"),
    actor: row.text("actor"),
    role: row.textOrNull("role"),
    subject: row.textOrNull("subject"),
    object: row.textOrNull("object"),
    version: row.numberOrNull("version"),
    outcome: row.text("outcome"),
    purpose: row.textOrNull("purpose"),
  }));
  const opened = await openDetails(database, keyring, found);
  return found.map((entry) => {
    const details = opened.get(entry.id) ?? {};
    return { ...entry, details, detail: textOf(details) };
  });
}

/** The audit entries that `act` made, in order. */
export async function entriesOf(
  world: HospitalWorld,
  act: () => Promise<unknown>,
): Promise<readonly TestEntry[]> {
  const before = await world.database.query("SELECT coalesce(max(id), 0) AS id FROM audit_events");
  await act();
  return readEntries(world, "id > $1", [before.rows[0]?.number("id") ?? 0]);
}

function textOf(details: EntryDetails): string {
  const members = Object.entries(details).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return `{${members.join(", ")}}`;
}
