import { AUDIT_BYTES, parseRecord } from "@siphms/audit";
import { CoseError, decodeCbor, isCborMap, toHex, type Bytes } from "@siphms/cose";
import type { Queryable, Row } from "../database/index.ts";
import { KeyError, type Cell, type Keyring, type PatientCipher } from "../keys/index.ts";
import type { MadeEntry } from "./entry-maker.ts";

/** Details of an entry, as they lie in the database. */
export interface SealedDetails {
  /** Under the patient's own data key; else under the installation's. */
  readonly ofPatient: boolean;
  readonly sealed: Bytes;
}

/** What an entry says beside its members. */
export type Details = Readonly<Record<string, boolean | number | string>>;

/** Seals the details of an entry for where they lie: with the key of the patient whom it is about, where there is one. */
export async function sealDetails(
  queryable: Queryable,
  keyring: Keyring,
  { entry, id, details }: Pick<MadeEntry, "details" | "entry" | "id">,
): Promise<SealedDetails | undefined> {
  if (details === undefined) return undefined;
  const cipher = await cipherOf(queryable, keyring, entry.subject);
  const cell = detailsCell(id);
  return cipher === undefined
    ? { ofPatient: false, sealed: keyring.sealCell(cell, details) }
    : { ofPatient: true, sealed: cipher.seal(cell, details) };
}

/**
 * What entries say beside their members, by their ids; those that say nothing more are left out, and those whose details
 * were erased.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC`
 */
export async function openDetails(
  queryable: Queryable,
  keyring: Keyring,
  entries: readonly { readonly id: number; readonly subject: string | null }[],
): Promise<ReadonlyMap<number, Details>> {
  const subjects = new Map(entries.map(({ id, subject }) => [id, subject]));
  const { rows } = await queryable.query(
    `SELECT e.id, e.entry, e.detail::text AS detail, d.of_patient, d.sealed
     FROM audit_events e LEFT JOIN audit_details d ON d.event_id = e.id
     WHERE e.id = ANY($1::bigint[]) AND (e.detail <> '{}' OR d.sealed IS NOT NULL)`,
    [[...subjects.keys()]],
  );
  const found = new Map<number, Details>();
  for (const row of rows) {
    const id = row.number("id");
    const details = await readDetails(queryable, keyring, {
      row,
      subject: subjects.get(id) ?? null,
    });
    if (details !== undefined) found.set(id, details);
  }
  return found;
}

async function readDetails(
  queryable: Queryable,
  keyring: Keyring,
  { row, subject }: { readonly row: Row; readonly subject: string | null },
): Promise<Details | undefined> {
  const clear = row.textOrNull("detail");
  if (clear !== null) return takeMembers(Object.entries(JSON.parse(clear) as object));
  const sealed = readSealedDetails(row);
  if (sealed === undefined) return undefined;
  const { id } = parseRecord(row.bytes("entry"));
  const opened = await openSealed(queryable, keyring, { ...sealed, id, subject });
  return opened === undefined ? undefined : parseDetails(opened);
}

/**
 * Opens sealed details: salt and details, whose hash the entry has.
 *
 * @returns `undefined` where the patient's key is gone, and they with it.
 * @throws {KeyError} `CELL_UNAUTHENTIC`
 */
export async function openSealed(
  queryable: Queryable,
  keyring: Keyring,
  place: SealedDetails & { readonly id: Bytes; readonly subject: string | null },
): Promise<Bytes | undefined> {
  const { ofPatient, sealed, id, subject } = place;
  if (!ofPatient) return keyring.openCell(detailsCell(id), sealed);
  const cipher = await cipherOf(queryable, keyring, subject ?? undefined);
  return cipher?.open(detailsCell(id), sealed);
}

/** What opened details say. @throws {TypeError} for what no entry has. */
export function parseDetails(opened: Bytes): Details {
  return takeMembers(readMap(opened.slice(AUDIT_BYTES.salt)));
}

function takeMembers(members: Iterable<readonly [unknown, unknown]>): Details {
  const details: Record<string, boolean | number | string> = {};
  for (const [name, value] of members) {
    if (typeof value !== "boolean" && typeof value !== "number" && typeof value !== "string") {
      throw new TypeError("details of another form");
    }
    details[String(name)] = value;
  }
  return details;
}

/** As {@link SealedDetails}, from a row with `of_patient` and `sealed`; `undefined` where the entry has none. */
export function readSealedDetails(row: Row): SealedDetails | undefined {
  const sealed = row.bytesOrNull("sealed");
  return sealed === null ? undefined : { sealed, ofPatient: row.boolean("of_patient") };
}

function readMap(bytes: Bytes) {
  try {
    const value = decodeCbor(bytes);
    if (isCborMap(value)) return value;
  } catch (cause) {
    if (!(cause instanceof CoseError)) throw cause;
  }
  throw new TypeError("details of another form");
}

/** An entry can be about a patient who is not there: somebody asked for one. */
async function cipherOf(
  queryable: Queryable,
  keyring: Keyring,
  patientId: string | undefined,
): Promise<PatientCipher | undefined> {
  if (patientId === undefined) return undefined;
  try {
    return await keyring.patientCipher(queryable, patientId);
  } catch (error) {
    if (error instanceof KeyError && error.code === "PATIENT_KEY_MISSING") return undefined;
    throw error;
  }
}

/** By the entry's own id, which nobody gives twice: what is sealed can be written before the row has its number. */
function detailsCell(id: Bytes): Cell {
  return { table: "audit_details", column: "sealed", row: toHex(id) };
}
