import { AUDIT_BYTES } from "@siphms/audit";
import { toHex, type Bytes } from "@siphms/cose";
import type { Keyring } from "../keys/index.ts";

/** What stands in the log in place of patients' ids. */
export interface Pseudonyms {
  /** The same for a patient for ever; nobody without the installation's key makes it, or finds the patient by it. */
  of(patientId: string): Bytes;
  /** A text with a pseudonym in hex in place of each id in it. */
  within(text: string): string;
}

/** Kept in memory: ingest names the same few thousand patients again and again. */
const MAX_KEPT = 20_000;
/** Patients are the only ones whose ids are such. */
const PATIENT_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Creates what makes pseudonyms. */
export function createPseudonyms(keyring: Pick<Keyring, "blindIndex">): Pseudonyms {
  const kept = new Map<string, Bytes>();
  const of = (patientId: string): Bytes => {
    const known = kept.get(patientId);
    if (known !== undefined) return known;
    if (kept.size >= MAX_KEPT) kept.clear();
    const made = keyring.blindIndex("audit-subject", patientId).slice(0, AUDIT_BYTES.subject);
    kept.set(patientId, made);
    return made;
  };
  return {
    of,
    within: (text) =>
      text.includes("-") ? text.replace(PATIENT_ID, (patientId) => toHex(of(patientId))) : text,
  };
}
