import { randomInt } from "node:crypto";
import type { AuditPart, AuditPlace } from "@siphms/api";
import { LOG_EVENTS, type AuditRecord } from "@siphms/audit";
import type { Database } from "../database/index.ts";
import { parseLeaf } from "./as-logged.ts";
import { describeEarlierRows, hashEarlierPage, NO_EARLIER_ROWS } from "./begin-log.ts";
import { readNewestCheckpoint } from "./checkpoints.ts";
import { Findings, type CompareContext, type ComparePorts } from "./compare-log-findings.ts";
import { compareLeaves, LEAF_PAGE } from "./compare-log-leaves.ts";
import { compareDetails, compareRows, readNewestIds, REST_PAGE } from "./compare-log-rest.ts";
import { createPseudonyms } from "./pseudonyms.ts";

/** Statements that one part takes: a second or two, so that whoever asks for it hears something. */
const PAGES = 20;
const FIRST_ID = Number.MIN_SAFE_INTEGER;

/**
 * Compares one part of the audit log with the rows beside it: who altered rows behind the log is found, and which rows. The
 * parts are leaves with rows and details, rows that are no leaf, details of no row, and rows from before the log.
 *
 * Reads only. Whether the leaves are those that were signed is for `siphms audit verify`.
 *
 * @param place - From where on; the first part without it.
 * @param options.pages - Statements that the part takes.
 */
export async function compareLogPart(
  ports: ComparePorts,
  place: AuditPlace = { part: "leaves", from: 0 },
  { pages = PAGES }: { readonly pages?: number } = {},
): Promise<AuditPart> {
  const context = contextOf(ports);
  const next = await comparePart(place, pages, context);
  return { ...context.found.report(), ...(next === undefined ? {} : { next }) };
}

/**
 * Compares the newest entries, and as many older ones from a place that is drawn anew each time: nobody who alters a row knows
 * when it is looked at. How long that takes does not depend on how long the log is.
 */
export async function compareNewest(ports: ComparePorts, count: number): Promise<AuditPart> {
  const context = contextOf(ports);
  const { database } = ports;
  const size = (await readNewestCheckpoint(database))?.size ?? 0;
  const from = Math.max(0, size - count);
  await compareLeaves({ from, to: size }, context);
  const drawn = randomInt(Math.max(0, from - count) + 1);
  await compareLeaves({ from: drawn, to: Math.min(from, drawn + count) }, context);
  // Twice as many: some wait still, and an entry can come into the log behind one with a higher id.
  const ids = await readNewestIds(database, Math.min(REST_PAGE, 2 * count));
  await compareRows(ids.rows, context);
  await compareDetails(ids.details, context);
  return context.found.report();
}

function contextOf(ports: ComparePorts): CompareContext {
  return { ...ports, pseudonyms: createPseudonyms(ports.keyring), found: new Findings() };
}

async function comparePart(
  place: AuditPlace,
  pages: number,
  context: CompareContext,
): Promise<AuditPlace | undefined> {
  switch (place.part) {
    case "leaves":
      return compareLeavesFrom(place.from, pages, context);
    case "rows": {
      const { after, hasMore } = await walk(place.after, pages, (id) => compareRows(id, context));
      return hasMore ? { part: "rows", after } : { part: "details", after: FIRST_ID };
    }
    case "details": {
      const { after, hasMore } = await walk(place.after, pages, (id) =>
        compareDetails(id, context),
      );
      return hasMore ? { part: "details", after } : { part: "earlier", ...NO_EARLIER_ROWS };
    }
    case "earlier":
      return compareEarlier(place, pages, context);
  }
}

async function compareLeavesFrom(
  from: number,
  pages: number,
  context: CompareContext,
): Promise<AuditPlace> {
  const size = (await readNewestCheckpoint(context.database))?.size ?? 0;
  const to = Math.min(size, from + pages * LEAF_PAGE);
  await compareLeaves({ from, to }, context);
  return to < size ? { part: "leaves", from: to } : { part: "rows", after: FIRST_ID };
}

async function walk<T extends { readonly after: number; readonly hasMore: boolean }>(
  after: number,
  pages: number,
  look: (after: number) => Promise<T>,
): Promise<T> {
  let stood = await look(after);
  for (let page = 1; page < pages && stood.hasMore; page++) stood = await look(stood.after);
  return stood;
}

async function compareEarlier(
  place: Extract<AuditPlace, { readonly part: "earlier" }>,
  pages: number,
  { database, found }: CompareContext,
): Promise<AuditPlace | undefined> {
  let page = await hashEarlierPage(database, place);
  for (let done = 1; done < pages && page.hasMore; done++) {
    page = await hashEarlierPage(database, page.rows);
  }
  const { rows, hasMore } = page;
  found.earlier = rows.count - place.count;
  if (hasMore) return { part: "earlier", ...rows };
  const first = await readFirstLeaf(database);
  if (first?.event === LOG_EVENTS.began && first.object !== describeEarlierRows(rows)) {
    found.add("earlier-altered", 0, null);
  }
  return undefined;
}

async function readFirstLeaf(database: Database): Promise<AuditRecord | undefined> {
  const { rows } = await database.query(
    "SELECT e.entry FROM audit_leaves l JOIN audit_events e ON e.id = l.event_id WHERE l.idx = 0",
  );
  const [row] = rows;
  return row === undefined ? undefined : parseLeaf(row.bytes("entry"));
}
