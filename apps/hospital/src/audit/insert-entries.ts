import { toHex } from "@siphms/cose";
import type { Queryable, Row, SqlValue } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { sealDetails } from "./details.ts";
import { entryMac } from "./entry-mac.ts";
import type { MadeEntry } from "./entry-maker.ts";

/** The condition, which is always true, gives the transaction its id before an entry takes one: see {@link setAuditFence}. */
const INSERT = `INSERT INTO audit_events (at, event, actor, role, subject, object, version, action, outcome, purpose,
   instance, sequence, entry, mac)
 SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::integer[],
   $8::text[], $9::text[], $10::text[], $11::bytea[], $12::bigint[], $13::bytea[],
   $14::bytea[])
 WHERE pg_current_xact_id() IS NOT NULL`;
const INSERT_AND_NAME = `${INSERT} RETURNING id, instance, sequence`;
const INSERT_NEW = `${INSERT} ON CONFLICT (instance, sequence) WHERE instance IS NOT NULL DO NOTHING
 RETURNING id, instance, sequence`;

/** Writes entries that were just made, with their details: at most two statements, however many they are. */
export async function insertEntries(
  tx: Queryable,
  keyring: Keyring,
  made: readonly MadeEntry[],
): Promise<void> {
  if (made.every(({ details }) => details === undefined)) {
    await tx.query(INSERT, columnsOf(made, keyring));
    return;
  }
  const { rows } = await tx.query(INSERT_AND_NAME, columnsOf(made, keyring));
  await insertDetails(tx, keyring, { made, rows });
}

/**
 * Writes entries of another program, as they were made there. Those that are there already stay as they are.
 *
 * @returns How many were added.
 */
export async function mergeEntries(
  tx: Queryable,
  keyring: Keyring,
  made: readonly MadeEntry[],
): Promise<number> {
  if (made.length === 0) return 0;
  const { rows } = await tx.query(INSERT_NEW, columnsOf(made, keyring));
  await insertDetails(tx, keyring, { made, rows });
  return rows.length;
}

async function insertDetails(
  tx: Queryable,
  keyring: Keyring,
  { made, rows }: { readonly made: readonly MadeEntry[]; readonly rows: readonly Row[] },
): Promise<void> {
  const ids = new Map(
    rows.map((row) => [nameOf(row.bytes("instance"), row.number("sequence")), row.number("id")]),
  );
  const eventIds: number[] = [];
  const ofPatient: boolean[] = [];
  const sealed: Uint8Array[] = [];
  for (const one of made) {
    const id = ids.get(nameOf(one.instance, one.sequence));
    const details = id === undefined ? undefined : await sealDetails(tx, keyring, one);
    if (id === undefined || details === undefined) continue;
    eventIds.push(id);
    ofPatient.push(details.ofPatient);
    sealed.push(details.sealed);
  }
  if (eventIds.length === 0) return;
  await tx.query(
    `INSERT INTO audit_details (event_id, of_patient, sealed)
     SELECT * FROM unnest($1::bigint[], $2::boolean[], $3::bytea[])`,
    [eventIds, ofPatient, sealed],
  );
}

function columnsOf(made: readonly MadeEntry[], keyring: Keyring): readonly SqlValue[] {
  return [
    made.map(({ entry }) => entry.at),
    made.map(({ entry }) => entry.event),
    made.map(({ entry }) => entry.actor),
    made.map(({ entry }) => entry.role ?? null),
    made.map(({ entry }) => entry.subject ?? null),
    made.map(({ entry }) => entry.object ?? null),
    made.map(({ entry }) => entry.version ?? null),
    made.map(({ entry }) => entry.action),
    made.map(({ entry }) => entry.outcome),
    made.map(({ entry }) => entry.purpose ?? null),
    made.map(({ instance }) => instance),
    made.map(({ sequence }) => sequence),
    made.map(({ leaf }) => leaf),
    made.map((one) => entryMac(keyring, one)),
  ];
}

function nameOf(instance: Uint8Array, sequence: number): string {
  return `${toHex(instance)}/${sequence}`;
}
