import type { AccessLog } from "@siphms/api";
import { readAccessLog } from "./access-log.ts";
import { createBreakGlassDesk, type BreakGlassDesk } from "./break-glass-desk.ts";
import { createCareDesk, type AccessPorts, type CareDesk } from "./care-desk.ts";
import { noteDisclosure, type Disclosure } from "./disclosures.ts";
import { findGrant, readGrants, type Grant } from "./grants.ts";
import { findPatient } from "../patients/index.ts";
import { noteRefusal, type Refusal } from "./refusals.ts";
import { createRepeatedLooks } from "./repeated-looks.ts";

/** Who may look into which record, why, and who did. Keeps no answer in memory: each question is asked of the database. */
export interface AccessDesk extends CareDesk, BreakGlassDesk {
  /** What opens one patient's record to one person now; `undefined` where nothing does, or there is no such patient. */
  grantFor(staffId: number, patientId: string): Promise<Grant | undefined>;
  /** What a role that needs no relation has of a patient; `undefined` where there is no such patient. */
  grantRegardless(patientId: string): Promise<Grant | undefined>;
  /** Everything that is open to one person now, by patient. */
  grantsOf(staffId: number): Promise<ReadonlyMap<string, Grant>>;
  /**
   * Notes what is being shown, before it is.
   *
   * @param shown.session - Where a page asks by itself: the same look of one session is noted once in five minutes.
   */
  noteShown(
    shown: Omit<Disclosure, "at"> & { readonly session?: string | undefined },
  ): Promise<void>;
  /** Notes a refusal, before it is answered. */
  noteRefused(refusal: Omit<Refusal, "at">): Promise<void>;
  /** The newest entries of one patient's access log. */
  accessLog(patientId: string): Promise<AccessLog>;
}

/** Joins access with its storage. */
export function createAccessDesk(ports: AccessPorts): AccessDesk {
  const { database, keyring, clock } = ports;
  const looks = createRepeatedLooks(clock);
  return {
    ...createCareDesk(ports),
    ...createBreakGlassDesk(ports),
    grantFor: (staffId, patientId) =>
      findGrant(database, keyring, { staffId, patientId, now: clock.now() }),
    async grantRegardless(patientId) {
      const patient = await findPatient(database, keyring, patientId);
      return patient && { patientId, purpose: "operations", until: null };
    },
    grantsOf: (staffId) => readGrants(database, keyring, { staffId, now: clock.now() }),
    async noteShown({ session, ...shown }) {
      const look = session === undefined ? undefined : { session, what: shown.what };
      const records = look ? looks.unnoted({ ...look, records: shown.records }) : shown.records;
      await noteDisclosure(database, { ...shown, records, at: clock.now() });
      if (look !== undefined) looks.noted({ ...look, records });
    },
    noteRefused: (refusal) => noteRefusal(database, { ...refusal, at: clock.now() }),
    accessLog: (patientId) => readAccessLog(ports, patientId),
  };
}
