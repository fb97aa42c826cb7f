import type { Sex } from "@siphms/api";
import { Type, type Static } from "typebox";
import { Check } from "typebox/value";
import { KeyError, type Cell, type PatientCipher } from "../keys/index.ts";
import type { Bytes } from "@siphms/cose";

const demographicsSchema = Type.Object({
  mrn: Type.String(),
  name: Type.String(),
  birthDate: Type.String(),
  sex: Type.Enum(["F", "M", "X"] satisfies Sex[]),
  problem: Type.String(),
  lastVisit: Type.Optional(Type.String()),
});

/** What says who a patient is. Sealed as one text; nothing of it stands in the clear in the database. */
export type Demographics = Static<typeof demographicsSchema>;

/** Seals a patient's demographics for the patient's row. */
export function sealDemographics(
  cipher: PatientCipher,
  patientId: string,
  demographics: Demographics,
): Bytes {
  const text = JSON.stringify(demographics);
  return cipher.seal(demographicsCell(patientId), new TextEncoder().encode(text));
}

/** Opens what {@link sealDemographics} made. @throws {KeyError} `CELL_UNAUTHENTIC` */
export function openDemographics(
  cipher: PatientCipher,
  patientId: string,
  sealed: Uint8Array,
): Demographics {
  const plaintext = cipher.open(demographicsCell(patientId), sealed);
  const value: unknown = JSON.parse(new TextDecoder().decode(plaintext));
  if (!Check(demographicsSchema, value)) {
    throw new KeyError("CELL_UNAUTHENTIC", "a patient's demographics are in no known form");
  }
  return value;
}

function demographicsCell(patientId: string): Cell {
  return { table: "patients", column: "demographics", row: patientId };
}
