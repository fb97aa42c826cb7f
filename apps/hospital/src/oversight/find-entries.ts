import { AUDIT_PAGE, STORED_READINGS } from "@siphms/api";
import type { Bytes } from "@siphms/cose";
import { readLoggedRow, type LoggedRow } from "../audit/index.ts";
import type { Queryable, Row } from "../database/index.ts";
import { joinConditions, type Condition } from "./conditions.ts";

/** One entry as it stands in the audit log's index. */
export interface FoundEntry extends LoggedRow {
  readonly id: number;
  /** None for an entry from before the log. */
  readonly leaf: Bytes;
  /** The leaf's place in the log; null until it has one. */
  readonly index: number | null;
}

/** A place between two entries. */
export interface Place {
  readonly at: number;
  readonly id: number;
}

/** Entries, newest first, and whether there are older ones. */
export interface FoundPage {
  readonly entries: readonly FoundEntry[];
  readonly more: boolean;
}

/** The index of what people did leaves stored readings out: a question that does not is not answered from it. */
const NO_STORED_READINGS = `event <> '${STORED_READINGS}'`;
const COLUMNS = `e.id, e.at, e.event, e.actor, e.role, e.subject, e.object, e.version, e.action, e.outcome, e.purpose,
  e.entry, (SELECT l.idx FROM audit_leaves l WHERE l.event_id = e.id) AS idx`;

/** The newest entries that meet every condition, from a place on. */
export async function findEntries(
  queryable: Queryable,
  conditions: readonly Condition[],
  before?: Place,
): Promise<FoundPage> {
  const place: readonly Condition[] =
    before === undefined ? [] : [{ text: "(e.at, e.id) < (?, ?)", values: [before.at, before.id] }];
  const { text, values } = joinConditions([...conditions, ...place]);
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM audit_events e WHERE ${text}
     ORDER BY e.at DESC, e.id DESC LIMIT ${String(AUDIT_PAGE + 1)}`,
    values,
  );
  return { entries: rows.slice(0, AUDIT_PAGE).map(readEntry), more: rows.length > AUDIT_PAGE };
}

/** The oldest entries that meet every condition, for counting what only their details tell. */
export async function findOldest(
  queryable: Queryable,
  conditions: readonly Condition[],
  most: number,
): Promise<readonly FoundEntry[]> {
  const { text, values } = joinConditions(conditions);
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM audit_events e WHERE ${text} ORDER BY e.at, e.id LIMIT ${String(most)}`,
    values,
  );
  return rows.map(readEntry);
}

/** How many entries meet every condition, by what `by`, a constant of ours in SQL, makes of each. */
export async function countEntries(
  queryable: Queryable,
  by: string,
  conditions: readonly Condition[],
): Promise<ReadonlyMap<string, number>> {
  const { text, values } = joinConditions(conditions);
  const { rows } = await queryable.query(
    `SELECT ${by} AS name, count(*) AS count FROM audit_events e WHERE ${text} GROUP BY 1`,
    values,
  );
  return new Map(rows.map((row) => [row.text("name"), row.number("count")]));
}

/**
 * The codes of events that stand in the log, but for stored readings. Goes from each code to the next in the index, so that it
 * takes no longer as the log grows.
 */
export async function listEvents(queryable: Queryable): Promise<readonly string[]> {
  const { rows } = await queryable.query(
    `WITH RECURSIVE codes (event) AS (
       (SELECT event FROM audit_events WHERE ${NO_STORED_READINGS} ORDER BY event LIMIT 1)
       UNION ALL
       SELECT (SELECT event FROM audit_events WHERE ${NO_STORED_READINGS} AND event > codes.event
               ORDER BY event LIMIT 1)
       FROM codes WHERE codes.event IS NOT NULL)
     SELECT event FROM codes WHERE event IS NOT NULL`,
  );
  return rows.map((row) => row.text("event"));
}

function readEntry(row: Row): FoundEntry {
  return {
    id: row.number("id"),
    ...readLoggedRow(row),
    index: row.numberOrNull("idx"),
  };
}
