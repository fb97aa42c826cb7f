import type { AccessLog, Purpose } from "@siphms/api";
import { readPatientEvents, type PatientEvent } from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { readStaffNames } from "../staff/index.ts";
import { GLASS_BROKEN } from "./break-glass-desk.ts";
import { DISCLOSED } from "./disclosures.ts";
import { REFUSED } from "./refusals.ts";

/** The newest so many of each kind: looks, of which there are most, push out neither emergencies nor refusals. */
const MAX_ENTRIES_OF_A_KIND = 1000;

const EVENTS: ReadonlyMap<string, AccessLog["entries"][number]["event"]> = new Map([
  [DISCLOSED, "looked"],
  [GLASS_BROKEN, "break-glass"],
  [REFUSED, "refused"],
]);

/** Who looked into one patient's record, opened it in an emergency, or was refused; newest first. */
export async function readAccessLog(
  { database, keyring }: { readonly database: Database; readonly keyring: Keyring },
  patientId: string,
): Promise<AccessLog> {
  const limit = MAX_ENTRIES_OF_A_KIND;
  const events: PatientEvent[] = [];
  for (const event of EVENTS.keys()) {
    events.push(...(await readPatientEvents(database, { patientId, event, limit })));
  }
  events.sort((one, two) => two.at - one.at || two.id - one.id);
  const names = await readStaffNames(database, keyring);
  return { entries: events.map((event) => describe(event, names)) };
}

function describe(
  { at, event, actor, object, purpose }: PatientEvent,
  names: ReadonlyMap<string, string>,
): AccessLog["entries"][number] {
  const known = parsePurpose(purpose);
  return {
    at,
    who: names.get(actor) ?? actor,
    event: EVENTS.get(event) ?? "looked",
    what: object ?? "",
    ...(known === undefined ? {} : { purpose: known }),
  };
}

function parsePurpose(purpose: string | null): Purpose | undefined {
  switch (purpose) {
    case "break-glass":
    case "operations":
    case "payment":
    case "treatment":
      return purpose;
    case null:
    default:
      return undefined;
  }
}
