import { Type, type Static, type TProperties } from "typebox";
import { latestValueSchema } from "./readings.ts";
import { deviceStateSchema, sexSchema, sourceSchema, timeSchema } from "./vocabulary.ts";

/** A calendar date without a zone, `YYYY-MM-DD`. */
export const dateSchema = Type.String({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });

const summaryProperties = {
  id: Type.String(),
  mrn: Type.String(),
  name: Type.String(),
  birthDate: dateSchema,
  sex: sexSchema,
  problem: Type.String(),
  /** The name of the doctor in whose care the patient is. */
  doctor: Type.Optional(Type.String()),
  source: Type.Optional(sourceSchema),
  /** The patient is not in the person's care but open in an emergency, until then. */
  breakGlassUntil: Type.Optional(timeSchema),
  latest: Type.Array(latestValueSchema),
  quarantinedSamples: Type.Integer({ minimum: 0 }),
  /** When the hospital last received a batch of readings, in real time; null before the first. */
  lastContact: Type.Union([timeSchema, Type.Null()]),
  /** The patient's clinical time when the answer was made: real time, but for a demo's replay. Ages are counted from it. */
  clinicalNow: timeSchema,
  /** How fast clinical time runs while a demo's replay lasts (it never passes real time); absent: as real time does. */
  clinicalSpeed: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
} satisfies TProperties;

/** One row of the worklist. */
export const patientSummarySchema = Type.Object(summaryProperties, { additionalProperties: false });

/** A device as staff see it. */
export const patientDeviceSchema = Type.Object(
  {
    /** base64url. */
    kid: Type.String(),
    name: Type.String(),
    state: deviceStateSchema,
    enrolled: timeSchema,
    lastSeen: Type.Optional(timeSchema),
  },
  { additionalProperties: false },
);

/** One patient's page: the summary and the devices. */
export const patientDetailSchema = Type.Object(
  { ...summaryProperties, devices: Type.Array(patientDeviceSchema) },
  { additionalProperties: false },
);

/** The credit that a data set asks for, to be shown wherever its recordings are. */
export const attributionSchema = Type.Object(
  { source: Type.String(), text: Type.String() },
  { additionalProperties: false },
);

/** The worklist. `now`: the hospital's clock in real time. */
export const patientListSchema = Type.Object(
  {
    patients: Type.Array(patientSummarySchema),
    attributions: Type.Array(attributionSchema),
    now: timeSchema,
  },
  { additionalProperties: false },
);

/** See {@link patientSummarySchema}. */
export type PatientSummary = Static<typeof patientSummarySchema>;
/** See {@link patientDeviceSchema}. */
export type PatientDevice = Static<typeof patientDeviceSchema>;
/** See {@link patientDetailSchema}. */
export type PatientDetail = Static<typeof patientDetailSchema>;
/** See {@link attributionSchema}. */
export type Attribution = Static<typeof attributionSchema>;
/** See {@link patientListSchema}. */
export type PatientList = Static<typeof patientListSchema>;
