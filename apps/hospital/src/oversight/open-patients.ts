import type { Queryable } from "../database/index.ts";
import { KeyError, type Keyring } from "../keys/index.ts";
import { findPatient, findPatients, type Demographics } from "../patients/index.ts";

/**
 * Who patients are, by id. Whoever was erased, or whose entry was altered, is left out: the log about them has to be shown
 * all the same.
 */
export async function openPatients(
  queryable: Queryable,
  keyring: Keyring,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Demographics>> {
  try {
    const patients = await findPatients(queryable, keyring, ids);
    return new Map(patients.map(({ id, demographics }) => [id, demographics]));
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
  }
  // One of them cannot be opened: then one by one.
  const found = new Map<string, Demographics>();
  for (const id of ids) {
    const demographics = await openPatient(queryable, keyring, id);
    if (demographics !== undefined) found.set(id, demographics);
  }
  return found;
}

async function openPatient(
  queryable: Queryable,
  keyring: Keyring,
  id: string,
): Promise<Demographics | undefined> {
  try {
    return (await findPatient(queryable, keyring, id))?.demographics;
  } catch (error) {
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}
