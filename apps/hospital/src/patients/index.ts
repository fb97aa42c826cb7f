export { clinicalSpeed, clinicalTime, realTime } from "./clinical-time.ts";
export {
  findClocks,
  findPatient,
  findPatientByMrn,
  findPatients,
  insertPatient,
  listPatients,
  MRN_CONSTRAINT,
  readPatient,
} from "./patients.ts";
export type { NewPatient, Patient } from "./patients.ts";
export type { Demographics } from "./demographics.ts";
