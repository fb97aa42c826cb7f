import { Type, type Static } from "typebox";
import { kidSchema, mrnSchema, registerPatientSchema } from "./operator.ts";
import { dateSchema } from "./patients.ts";
import { deviceStateSchema, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;
const { mrn, name, birthDate, sex, problem, doctor, lastVisit } = registerPatientSchema.properties;

/**
 * Body of `POST /api/patients`. A doctor or nurse has the new patient in their care from then on, and names no doctor; an
 * administrator may name one.
 */
export const newPatientSchema = Type.Object(
  { mrn, name, birthDate, sex, problem, doctor, lastVisit },
  closed,
);

const deviceProperties = {
  kid: Type.String(),
  name: Type.String(),
  state: deviceStateSchema,
  enrolled: timeSchema,
  confirmed: Type.Optional(Type.Object({ at: timeSchema, by: Type.String() }, closed)),
  /** When it was revoked or dropped. */
  ended: Type.Optional(timeSchema),
  lastSeen: Type.Optional(timeSchema),
  /** Of a pending one: whether the phone shows its six digits yet. The digits themselves are never shown to staff here. */
  code: Type.Optional(Type.Enum(["waiting", "shown"])),
} as const;

/** A device without anything that it measured. */
export const registryDeviceSchema = Type.Object(deviceProperties, closed);

/** A sensor that a device named in what it sent last. */
export const deviceSensorSchema = Type.Object(
  {
    /** Manufacturer and model, as far as the sensor says. */
    name: Type.String(),
    batteryPercent: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    /** When it measured last. */
    at: timeSchema,
  },
  closed,
);

/** Who a patient is, and nothing else: enough to check an identity. */
const identityProperties = {
  id: Type.String(),
  mrn: mrnSchema,
  name: Type.String(),
  birthDate: dateSchema,
} as const;

/** One patient in the administrator's list: no reading, no clinical text. Ended devices are left out. */
export const registryPatientSchema = Type.Object(
  {
    ...identityProperties,
    doctor: Type.Optional(Type.String()),
    registered: timeSchema,
    /** How many have the patient in their care. */
    carers: Type.Integer({ minimum: 0 }),
    devices: Type.Array(registryDeviceSchema),
    /** Until when an invitation that nobody has redeemed is good. */
    invitedUntil: Type.Optional(timeSchema),
  },
  closed,
);

/** Answer of `GET /api/registry`. `now`: the hospital's clock. */
export const registrySchema = Type.Object(
  { patients: Type.Array(registryPatientSchema), now: timeSchema },
  closed,
);

/** Answer of `GET /api/patients/:patient/devices`: newest enrolment first, ended ones last. */
export const patientDevicesSchema = Type.Object(
  {
    patient: Type.Object(identityProperties, closed),
    devices: Type.Array(
      Type.Object(
        {
          ...deviceProperties,
          /** Only for doctors and nurses: what a sensor is called says what is measured. */
          sensors: Type.Optional(Type.Array(deviceSensorSchema)),
        },
        closed,
      ),
    ),
    invitedUntil: Type.Optional(timeSchema),
    now: timeSchema,
  },
  closed,
);

/** Body of `POST /api/patients/:patient/enrolments/confirm`: the six digits as the patient reads them. */
export const confirmCodeSchema = Type.Object(
  { code: Type.String({ pattern: "^[0-9]{6}$" }) },
  closed,
);

/** Answer of a confirmation, and of revoking a device. */
export const changedDeviceSchema = Type.Object(
  { kid: Type.String(), state: deviceStateSchema },
  closed,
);

/** Body of `POST /api/patients/:patient/devices/revoke`. */
export const revokeOneSchema = Type.Object({ kid: kidSchema }, closed);

/** What somebody on the phone can be asked, to know that they are who they say. */
export const identityFactSchema = Type.Enum([
  "address",
  "birth-date",
  "device-name",
  "doctor",
  "last-visit",
  "name",
  "phone-number",
  "record-number",
]);

/** Body of `POST /api/patients/:patient/identity-checks`: which facts were asked and right; never what they are. */
export const identityCheckSchema = Type.Object(
  { facts: Type.Array(identityFactSchema, { minItems: 2, maxItems: 8, uniqueItems: true }) },
  closed,
);

/** See {@link newPatientSchema}. */
export type NewPatient = Static<typeof newPatientSchema>;
/** See {@link registryDeviceSchema}. */
export type RegistryDevice = Static<typeof registryDeviceSchema>;
/** See {@link deviceSensorSchema}. */
export type DeviceSensor = Static<typeof deviceSensorSchema>;
/** See {@link registryPatientSchema}. */
export type RegistryPatient = Static<typeof registryPatientSchema>;
/** See {@link registrySchema}. */
export type Registry = Static<typeof registrySchema>;
/** See {@link patientDevicesSchema}. */
export type PatientDevices = Static<typeof patientDevicesSchema>;
/** See {@link confirmCodeSchema}. */
export type ConfirmCode = Static<typeof confirmCodeSchema>;
/** See {@link changedDeviceSchema}. */
export type ChangedDevice = Static<typeof changedDeviceSchema>;
/** See {@link identityFactSchema}. */
export type IdentityFact = Static<typeof identityFactSchema>;
/** See {@link identityCheckSchema}. */
export type IdentityCheck = Static<typeof identityCheckSchema>;
