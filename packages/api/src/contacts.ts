import { Type, type Static } from "typebox";
import { reasonSchema } from "./access.ts";
import { roleSchema, TEXT_LIMITS, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;
const nameSchema = Type.String({ minLength: 1, maxLength: TEXT_LIMITS.staffName });

/** As HTML takes an address: nothing that a mail header would read as more than one. */
const MAIL_ADDRESS =
  "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,187}[A-Za-z0-9])?$";

/** Where a person's alerts go beside the console. `email` null: nowhere else. */
export const contactSchema = Type.Object(
  { email: Type.Union([Type.String({ pattern: MAIL_ADDRESS }), Type.Null()]) },
  closed,
);

/**
 * Answer of `GET /api/contact`. `works`: whether the hospital can send e-mail at all. `altered`: what stands in the database is
 * not as it was written, so nothing is sent there until it is set anew.
 */
export const ownContactSchema = Type.Object(
  {
    ...contactSchema.properties,
    works: Type.Boolean(),
    altered: Type.Optional(Type.Literal(true)),
  },
  closed,
);

/**
 * Whom an alert is handed on to that nobody has acknowledged, in order. Whoever is told this way gets the patient into their
 * care for twelve hours: nobody can act on what they cannot see.
 */
const stepsSchema = Type.Array(
  Type.Object(
    {
      /** Minutes after the step before, or after it was raised. */
      urgentAfterMinutes: Type.Integer({ minimum: 1, maximum: 1440 }),
      warnAfterMinutes: Type.Integer({ minimum: 1, maximum: 1440 }),
      /** Names of doctors and nurses: a person, or a team. */
      to: Type.Array(nameSchema, { minItems: 1, maxItems: 50 }),
    },
    closed,
  ),
  { maxItems: 5 },
);

/** Answer of `GET /api/escalation`. `version` 0: nobody has set it. `altered`: not as it was written, so it names nobody. */
export const currentEscalationSchema = Type.Object(
  {
    version: Type.Integer({ minimum: 0 }),
    steps: stepsSchema,
    setBy: Type.Optional(Type.String()),
    setAt: Type.Optional(timeSchema),
    reason: Type.Optional(Type.String()),
    altered: Type.Optional(Type.Literal(true)),
  },
  closed,
);

/** Body of `PUT /api/escalation`. `version`: the one that it changes; another one by now is a conflict. */
export const setEscalationSchema = Type.Object(
  {
    version: Type.Integer({ minimum: 0 }),
    steps: stepsSchema,
    reason: reasonSchema,
  },
  closed,
);

/** A fault of the hospital itself that somebody must mend, for administrators. */
export const systemAlertSchema = Type.Object(
  {
    id: Type.String(),
    what: Type.Enum([
      "delivery-failed",
      "nobody-to-tell",
      "evaluation-failed",
      "backup-failed",
      "witness-away",
      "witness-refused",
      "log-stopped",
    ]),
    way: Type.Optional(Type.Enum(["email", "webhook"])),
    /** Why, as a word that docs/errors.md explains. */
    reason: Type.String(),
    count: Type.Integer({ minimum: 1 }),
    first: timeSchema,
    last: timeSchema,
    acknowledged: Type.Optional(Type.Object({ by: Type.String(), at: timeSchema }, closed)),
  },
  closed,
);

/** Answer of `GET /api/system/alerts`: those that are open, newest first. */
export const systemAlertsSchema = Type.Object({ alerts: Type.Array(systemAlertSchema) }, closed);

/** Body of `POST /api/system/alerts/acknowledge`: it closes; the next failure opens it anew. */
export const acknowledgeSystemAlertSchema = Type.Object(
  { alert: Type.String({ minLength: 1, maxLength: 15, pattern: "^[0-9]+$" }) },
  closed,
);

/** Answer of `GET /api/escalation/people`: who can be named in a step. */
export const escalationPeopleSchema = Type.Object(
  { people: Type.Array(Type.Object({ name: nameSchema, role: roleSchema }, closed)) },
  closed,
);

/** See {@link contactSchema}. */
export type Contact = Static<typeof contactSchema>;
/** See {@link ownContactSchema}. */
export type OwnContact = Static<typeof ownContactSchema>;
/** See {@link currentEscalationSchema}. */
export type CurrentEscalation = Static<typeof currentEscalationSchema>;
/** See {@link setEscalationSchema}. */
export type SetEscalation = Static<typeof setEscalationSchema>;
/** See {@link systemAlertSchema}. */
export type SystemAlert = Static<typeof systemAlertSchema>;
/** See {@link systemAlertsSchema}. */
export type SystemAlerts = Static<typeof systemAlertsSchema>;
/** See {@link acknowledgeSystemAlertSchema}. */
export type AcknowledgeSystemAlert = Static<typeof acknowledgeSystemAlertSchema>;
/** See {@link escalationPeopleSchema}. */
export type EscalationPeople = Static<typeof escalationPeopleSchema>;
