import { Type, type Static } from "typebox";
import { dateSchema } from "./patients.ts";
import { measuredProperties } from "./readings.ts";
import {
  deviceStateSchema,
  personRoleSchema,
  roleSchema,
  sexSchema,
  sourceSchema,
  TEXT_LIMITS,
  timeSchema,
} from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

/** A medical record number: printable, without spaces at its ends. */
export const mrnSchema = Type.String({
  minLength: 1,
  maxLength: TEXT_LIMITS.mrn,
  pattern: "^[!-~]([ -~]*[!-~])?$",
});

const nameSchema = Type.String({ minLength: 1, maxLength: TEXT_LIMITS.name });

/** A demo patient's clock: clinical time = anchor + (now − start) × speed. Refused outside a demo installation. */
export const demoClockSchema = Type.Object(
  {
    anchor: timeSchema,
    start: timeSchema,
    speed: Type.Number({ exclusiveMinimum: 0, maximum: 10_000_000 }),
  },
  closed,
);

/** Body of `POST /operator/patients`. `doctor` is the name of a member of staff. */
export const registerPatientSchema = Type.Object(
  {
    mrn: mrnSchema,
    name: nameSchema,
    birthDate: dateSchema,
    sex: Type.Optional(sexSchema),
    problem: Type.Optional(Type.String({ maxLength: TEXT_LIMITS.problem })),
    doctor: Type.Optional(Type.String({ minLength: 1, maxLength: TEXT_LIMITS.staffName })),
    lastVisit: Type.Optional(dateSchema),
    demo: Type.Optional(demoClockSchema),
    source: Type.Optional(sourceSchema),
  },
  closed,
);

/** Answer of a registration. */
export const registeredPatientSchema = Type.Object(
  { patient: Type.String(), mrn: mrnSchema },
  closed,
);

/** A patient as the operator sees one. */
export const operatorPatientSchema = Type.Object(
  {
    patient: Type.String(),
    mrn: mrnSchema,
    name: Type.String(),
    birthDate: dateSchema,
    sex: sexSchema,
    /** Absent for an administrator, as the last visit is: both say something of the patient's health. */
    problem: Type.Optional(Type.String()),
    doctor: Type.Optional(Type.String()),
    lastVisit: Type.Optional(dateSchema),
    demo: Type.Optional(demoClockSchema),
    source: Type.Optional(sourceSchema),
    registered: timeSchema,
  },
  closed,
);

/** Answer of `GET /operator/patients`. */
export const operatorPatientsSchema = Type.Object(
  { patients: Type.Array(operatorPatientSchema) },
  closed,
);

/** A query that may name one patient. */
export const byMrnSchema = Type.Object({ mrn: Type.Optional(mrnSchema) }, closed);

/** A query or body that names one patient. */
export const ofMrnSchema = Type.Object({ mrn: mrnSchema }, closed);

/** A fresh invitation: its link is the secret, shown once and kept nowhere. */
export const invitationSchema = Type.Object({ link: Type.String(), expires: timeSchema }, closed);

/**
 * One enrolment that waits for its confirmation, or a binding that came of one. `code` is empty until the device has
 * opened its commitment.
 */
export const enrolmentSchema = Type.Object(
  {
    /** The device's kid, base64url. */
    device: Type.String(),
    mrn: mrnSchema,
    code: Type.String(),
    state: deviceStateSchema,
  },
  closed,
);

/** Answer of `GET /operator/enrolments`. */
export const enrolmentsSchema = Type.Array(enrolmentSchema);

/** Body of `POST /operator/enrolments/confirm`: the six digits as the patient reads them. */
export const confirmEnrolmentSchema = Type.Object(
  { mrn: mrnSchema, code: Type.String({ pattern: "^[0-9]{6}$" }) },
  closed,
);

/** Answer of a confirmation. */
export const confirmedEnrolmentSchema = Type.Object(
  { device: Type.String(), mrn: mrnSchema, state: Type.Literal("active") },
  closed,
);

/** A device as the operator sees one. */
export const operatorDeviceSchema = Type.Object(
  {
    kid: Type.String(),
    mrn: mrnSchema,
    name: Type.String(),
    state: deviceStateSchema,
    enrolled: timeSchema,
    lastSeen: Type.Optional(timeSchema),
  },
  closed,
);

/** Answer of `GET /operator/devices`. */
export const operatorDevicesSchema = Type.Object(
  { devices: Type.Array(operatorDeviceSchema) },
  closed,
);

/** A device's kid: 8 bytes in base64url. */
export const kidSchema = Type.String({ pattern: "^[A-Za-z0-9_-]{11}$" });

/** Body of `POST /operator/devices/revoke`. */
export const revokeDeviceSchema = Type.Object({ kid: kidSchema }, closed);

/** Answer of a revocation. */
export const revokedDeviceSchema = Type.Object(
  { kid: Type.String(), mrn: mrnSchema, state: Type.Literal("revoked") },
  closed,
);

/** Body of `POST /operator/staff`, of `POST /api/staff`, and of `POST /api/staff/role`, where the role is the new one. */
export const addStaffSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: TEXT_LIMITS.staffName }),
    role: personRoleSchema,
  },
  closed,
);

/** A one-use, ten-minute link for a member of staff. Asked again for the same name and role, a new link is made. */
export const staffLinkSchema = Type.Object({ link: Type.String(), expires: timeSchema }, closed);

/** One account of staff. A disabled one has no session, gets no link and stays in the records of what it did. */
export const staffAccountSchema = Type.Object(
  { name: Type.String(), role: roleSchema, state: Type.Enum(["active", "disabled"]) },
  closed,
);

/** Answer of `GET /operator/staff`. */
export const staffAccountsSchema = Type.Object({ staff: Type.Array(staffAccountSchema) }, closed);

/** Body of `POST /operator/staff/disable`. */
export const disableStaffSchema = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: TEXT_LIMITS.staffName }) },
  closed,
);

/** A readings query by medical record number; members as in the console's. */
export const operatorReadingsQuerySchema = Type.Object(
  {
    mrn: mrnSchema,
    from: Type.Optional(Type.String({ pattern: "^[0-9]{1,16}$" })),
    to: Type.Optional(Type.String({ pattern: "^[0-9]{1,16}$" })),
    kind: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 11 })])),
  },
  closed,
);

/** One line of `GET /operator/readings` (`application/x-ndjson`). */
export const operatorSampleSchema = Type.Object(measuredProperties, closed);

/** What `siphms check` found: `ok` exactly when `findings` is empty. */
export const checkReportSchema = Type.Object(
  {
    ok: Type.Boolean(),
    findings: Type.Array(
      Type.Object({ check: Type.String(), subject: Type.String(), detail: Type.String() }, closed),
    ),
    /** What an operator should know, and is no fault. */
    notes: Type.Optional(
      Type.Array(
        Type.Object(
          { check: Type.String(), subject: Type.String(), detail: Type.String() },
          closed,
        ),
      ),
    ),
    /** How much was looked at, by kind of check: a sweep that saw nothing is not a clean one. */
    swept: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  },
  closed,
);

/** What `siphms gateway admit` takes: public data only. */
export const registrationSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    passKey: Type.Object(
      {
        kty: Type.Literal("EC"),
        crv: Type.Literal("P-256"),
        x: Type.String(),
        y: Type.String(),
      },
      closed,
    ),
    appOrigin: Type.String(),
    /** Verifier keys of the audit log, for the gateway's witness. */
    logKeys: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 16 })),
  },
  closed,
);

/** Totals since the installation began, in samples unless said otherwise. */
export const countersSchema = Type.Object(
  {
    /** Signed messages of readings taken. */
    batches: Type.Integer({ minimum: 0 }),
    /** Samples in them, quarantined ones included. */
    stored: Type.Integer({ minimum: 0 }),
    quarantined: Type.Integer({ minimum: 0 }),
    /** Samples that stand in quarantine, by reason. */
    quarantineReasons: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
    /** Envelopes that got no answer, by reason. Kept for a while, not for ever. */
    refused: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  },
  closed,
);

/** Health of a running hospital. */
export const healthSchema = Type.Object(
  {
    status: Type.Enum(["ok", "failing"]),
    checks: Type.Record(Type.String(), Type.Boolean()),
  },
  closed,
);

/** See {@link demoClockSchema}. */
export type DemoClock = Static<typeof demoClockSchema>;
/** See {@link registerPatientSchema}. */
export type RegisterPatient = Static<typeof registerPatientSchema>;
/** See {@link registeredPatientSchema}. */
export type RegisteredPatient = Static<typeof registeredPatientSchema>;
/** See {@link operatorPatientSchema}. */
export type OperatorPatient = Static<typeof operatorPatientSchema>;
/** See {@link invitationSchema}. */
export type Invitation = Static<typeof invitationSchema>;
/** See {@link enrolmentSchema}. */
export type Enrolment = Static<typeof enrolmentSchema>;
/** See {@link confirmEnrolmentSchema}. */
export type ConfirmEnrolment = Static<typeof confirmEnrolmentSchema>;
/** See {@link confirmedEnrolmentSchema}. */
export type ConfirmedEnrolment = Static<typeof confirmedEnrolmentSchema>;
/** See {@link operatorDeviceSchema}. */
export type OperatorDevice = Static<typeof operatorDeviceSchema>;
/** See {@link addStaffSchema}. */
export type AddStaff = Static<typeof addStaffSchema>;
/** See {@link staffAccountSchema}. */
export type StaffAccount = Static<typeof staffAccountSchema>;
/** See {@link staffLinkSchema}. */
export type StaffLink = Static<typeof staffLinkSchema>;
/** See {@link revokedDeviceSchema}. */
export type RevokedDevice = Static<typeof revokedDeviceSchema>;
/** See {@link operatorSampleSchema}. */
export type OperatorSample = Static<typeof operatorSampleSchema>;
/** See {@link checkReportSchema}. */
export type CheckReport = Static<typeof checkReportSchema>;
/** See {@link registrationSchema}. */
export type Registration = Static<typeof registrationSchema>;
/** See {@link countersSchema}. */
export type Counters = Static<typeof countersSchema>;
/** See {@link healthSchema}. */
export type Health = Static<typeof healthSchema>;
