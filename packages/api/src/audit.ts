import { Type, type Static } from "typebox";
import { purposeSchema, reasonSchema } from "./access.ts";
import { mrnSchema } from "./operator.ts";
import { roleSchema, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });

/** Entries in one answer of the audit search. */
export const AUDIT_PAGE = 50;

/** The event of readings that were stored: most of the log, and nobody's look. A search finds it for a named patient only. */
export const STORED_READINGS = "readings.stored";

/** Who did something, as the audit log names them: `staff:12`, `device:…`, `operator`, `hospital`, or `anybody` who was not signed in. */
const actorSchema = Type.String({
  pattern: "^(anybody|hospital|operator|staff:[1-9][0-9]{0,14}|device:[0-9a-f]{16})$",
});

const eventSchema = Type.String({ pattern: "^[a-z][a-z0-9-]{0,39}(\\.[a-z][a-z0-9-]{0,39})?$" });
const entryIdSchema = Type.String({ pattern: "^[1-9][0-9]{0,14}$" });

/** Where the next page begins: after this entry, towards older ones. */
const beforeSchema = Type.Object({ at: timeSchema, id: entryIdSchema }, closed);

/**
 * Body of `POST /api/audit/search`; `to` is not included. A question that is asked as a body: a record number stands in no
 * address. Without `event` every event but {@link STORED_READINGS}; that one takes a patient.
 */
export const auditSearchSchema = Type.Object(
  {
    from: timeSchema,
    to: timeSchema,
    actor: Type.Optional(actorSchema),
    mrn: Type.Optional(mrnSchema),
    event: Type.Optional(eventSchema),
    outcome: Type.Optional(Type.Enum(["done", "refused"])),
    before: Type.Optional(beforeSchema),
  },
  closed,
);

/**
 * Whether an entry is in the tamper-evident log. `logged`: at this index. `waiting`: it gets its index within seconds.
 * `before`: older than the log, whose first entry binds all of these together. `altered`: the row is not what the log has
 * bound, so what it says is not to be believed.
 */
const logStateSchema = Type.Union([
  Type.Object({ state: Type.Literal("logged"), index: count }, closed),
  Type.Object({ state: Type.Enum(["altered", "before", "waiting"]) }, closed),
]);

/** One entry of the audit log, as a privacy officer sees it. */
export const auditEntrySchema = Type.Object(
  {
    id: entryIdSchema,
    at: timeSchema,
    event: Type.String(),
    /** As the audit log names them. */
    actor: Type.String(),
    /** The name behind `actor`, of a member of staff. */
    name: Type.Optional(Type.String()),
    /** The role that they had. */
    role: Type.Optional(roleSchema),
    /** The patient concerned; without a number where the record was erased or cannot be read. */
    patient: Type.Optional(Type.Object({ mrn: Type.Optional(mrnSchema) }, closed)),
    /** What was seen or acted on, by its id; a member of staff by name. */
    object: Type.Optional(Type.String()),
    outcome: Type.String(),
    purpose: Type.Optional(purposeSchema),
    /** Codes, counts and ids. */
    details: Type.Record(Type.String(), Type.Union([Type.Boolean(), Type.Number(), Type.String()])),
    log: logStateSchema,
  },
  closed,
);

/** Answer of a search: newest first, at most {@link AUDIT_PAGE}. `more`: older ones are left; ask `before` the last one. */
export const auditEntriesSchema = Type.Object(
  { entries: Type.Array(auditEntrySchema), more: Type.Boolean() },
  closed,
);

/** Answer of `GET /api/audit/choices`: whom and what a search can name. */
export const auditChoicesSchema = Type.Object(
  {
    people: Type.Array(
      Type.Object(
        { actor: actorSchema, name: Type.String(), role: roleSchema, active: Type.Boolean() },
        closed,
      ),
    ),
    /** The codes that stand in the log. */
    events: Type.Array(Type.String()),
  },
  closed,
);

/** A week, by the date of its Monday in the hospital's time zone. */
const weekSchema = Type.String({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });

/** What is counted of everybody in a week's activity. */
export const ACTIVITY_FIGURES = [
  /** Records opened: different patients. */
  "records",
  /** Of these, between 22:00 and 6:00. */
  "night",
  /** Records opened in an emergency. */
  "emergencies",
  /** Tries to open something without a care relation. */
  "no-relation",
  /** Opened records of patients who have the same last name. */
  "same-name",
  /** Evidence taken along as a file. */
  "exports",
  /** Failed log-ins to their account. */
  "log-ins",
] as const;

/** See {@link ACTIVITY_FIGURES}. */
export const activityFigureSchema = Type.Enum([...ACTIVITY_FIGURES]);

/** One figure of one person. It stands out where `count` is over `limit`. */
const figureSchema = Type.Object({ count, limit: count }, closed);

/** What one person did in a week. */
const personActivitySchema = Type.Object(
  {
    /** As the audit log names them; `anybody`: failed log-ins to no known account. */
    actor: Type.String(),
    name: Type.Optional(Type.String()),
    role: Type.Optional(roleSchema),
    figures: Type.Object(
      {
        records: figureSchema,
        night: figureSchema,
        emergencies: figureSchema,
        "no-relation": figureSchema,
        "same-name": figureSchema,
        exports: figureSchema,
        "log-ins": figureSchema,
      },
      closed,
    ),
  },
  closed,
);

/** `running`: not over yet. `altered`: somebody changed in the database what says that it was reviewed. */
const weekStateSchema = Type.Enum(["altered", "open", "reviewed", "running"]);

/** Query of `GET /api/activity`; without a week the oldest one that is over and not reviewed, else the present one. */
export const activityQuerySchema = Type.Object({ week: Type.Optional(weekSchema) }, closed);

/** Answer of `GET /api/activity`. */
export const activitySchema = Type.Object(
  {
    week: weekSchema,
    from: timeSchema,
    /** Not included. */
    to: timeSchema,
    state: weekStateSchema,
    /** In which days begin and nights are counted. */
    timeZone: Type.String(),
    /** Those who did anything that is counted, whoever stands out most first. */
    people: Type.Array(personActivitySchema),
    /** Emergency reviews that nobody has closed, of any week. */
    openReviews: count,
    review: Type.Optional(
      Type.Object(
        {
          at: timeSchema,
          by: Type.String(),
          note: Type.String(),
          /** How many people stood out when it was written. */
          standingOut: count,
        },
        closed,
      ),
    ),
    /** The weeks that can be asked for, newest first. */
    weeks: Type.Array(Type.Object({ week: weekSchema, state: weekStateSchema }, closed)),
  },
  closed,
);

/** Body of `POST /api/activity/entries`: what is behind one figure. Answered as a search is. */
export const activityEntriesSchema = Type.Object(
  {
    week: weekSchema,
    actor: actorSchema,
    figure: activityFigureSchema,
    before: Type.Optional(beforeSchema),
  },
  closed,
);

/** Body of `POST /api/activity/reviews`: the week was looked through; cannot be changed afterwards. */
export const reviewWeekSchema = Type.Object({ week: weekSchema, note: reasonSchema }, closed);

/** See {@link auditSearchSchema}. */
export type AuditSearch = Static<typeof auditSearchSchema>;
/** See {@link auditEntrySchema}. */
export type AuditLine = Static<typeof auditEntrySchema>;
/** See {@link auditEntriesSchema}. */
export type AuditLines = Static<typeof auditEntriesSchema>;
/** See {@link auditChoicesSchema}. */
export type AuditChoices = Static<typeof auditChoicesSchema>;
/** See {@link activityFigureSchema}. */
export type ActivityFigure = Static<typeof activityFigureSchema>;
/** See {@link personActivitySchema}. */
export type PersonActivity = Static<typeof personActivitySchema>;
/** See {@link activitySchema}. */
export type Activity = Static<typeof activitySchema>;
/** See {@link activityEntriesSchema}. */
export type ActivityEntries = Static<typeof activityEntriesSchema>;
/** See {@link reviewWeekSchema}. */
export type ReviewWeek = Static<typeof reviewWeekSchema>;
