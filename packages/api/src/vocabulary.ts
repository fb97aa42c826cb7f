import { Type, type Static } from "typebox";

/** Every kind's name, in the order of the protocol's table (section 6). */
export const KIND_NAMES = [
  "heart-rate",
  "blood-pressure",
  "spo2",
  "respiratory-rate",
  "body-temperature",
  "glucose",
  "body-weight",
  "rr-interval",
  "consciousness",
  "supplemental-oxygen",
  "pulse-rate",
] as const;

/** Longest texts that the API takes, in UTF-16 units. */
export const TEXT_LIMITS = {
  mrn: 64,
  name: 200,
  problem: 500,
  staffName: 100,
  notice: 2000,
} as const;

/** A kind by name. */
export const kindSchema = Type.Enum([...KIND_NAMES]);

/** ms since 1970-01-01 UTC. */
export const timeSchema = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const pressurePart = Type.Union([Type.Number(), Type.Null()]);

/** A value in clinical units: a number, or for blood pressure `[systolic, diastolic, mean]` in mmHg with `null` for a part not measured. */
export const valueSchema = Type.Union([
  Type.Number(),
  Type.Tuple([pressurePart, pressurePart, pressurePart]),
]);

/** How a value came to be: measured by a sensor, typed in by the patient, imported from another system. */
export const originSchema = Type.Enum(["sensor", "typed", "imported"]);

/** Where recorded data come from: a de-identified recording, or the built-in generator. */
export const sourceSchema = Type.Enum(["recorded", "synthetic"]);

/** Roles of staff. `integration` is a machine: it has a key, no link and no browser session. */
export const roleSchema = Type.Enum([
  "doctor",
  "nurse",
  "administrator",
  "privacy-officer",
  "integration",
]);

/** Roles that a person can have, and so those that a link can be made for. */
export const personRoleSchema = Type.Enum(["doctor", "nurse", "administrator", "privacy-officer"]);

/** States of a device's binding to its patient. */
export const deviceStateSchema = Type.Enum(["pending", "active", "revoked", "dropped"]);

/** Administrative sex as recorded: female, male, other or unknown. */
export const sexSchema = Type.Enum(["F", "M", "X"]);

/** See {@link valueSchema}. */
export type ApiValue = Static<typeof valueSchema>;
/** See {@link sourceSchema}. */
export type PatientSource = Static<typeof sourceSchema>;
/** See {@link roleSchema}. */
export type Role = Static<typeof roleSchema>;
/** See {@link personRoleSchema}. */
export type PersonRole = Static<typeof personRoleSchema>;
/** See {@link deviceStateSchema}. */
export type DeviceState = Static<typeof deviceStateSchema>;
/** See {@link sexSchema}. */
export type Sex = Static<typeof sexSchema>;
