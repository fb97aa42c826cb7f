import { Type, type Static } from "typebox";
import { mrnSchema } from "./operator.ts";
import { roleSchema, TEXT_LIMITS, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

const staffNameSchema = Type.String({ minLength: 1, maxLength: TEXT_LIMITS.staffName });

/** Shortest and longest reason of an act that others will judge, and note of a review, spaces at the ends not counted. */
export const REASON_LENGTH = { min: 10, max: 500 } as const;

/** What somebody writes for whoever will ask why they did it; {@link REASON_LENGTH} says how long. */
export const reasonSchema = Type.String({
  minLength: REASON_LENGTH.min,
  maxLength: REASON_LENGTH.max,
});

/** Names a member of staff by name and a patient by record number. */
export const careOfSchema = Type.Object({ staff: staffNameSchema, mrn: mrnSchema }, closed);

/** Body of `POST /operator/care` and `POST /api/care`. `until`: the first moment at which it holds no more. */
export const beginCareSchema = Type.Object(
  { staff: staffNameSchema, mrn: mrnSchema, until: Type.Optional(timeSchema) },
  closed,
);

/** One patient in somebody's care. */
export const careRelationSchema = Type.Object(
  {
    staff: Type.String(),
    role: roleSchema,
    mrn: mrnSchema,
    began: timeSchema,
    until: Type.Optional(timeSchema),
    /** `operator` or `staff:<id>`. */
    madeBy: Type.String(),
  },
  closed,
);

/** Answer of `GET /operator/care` and `GET /api/care`: what holds at this moment. */
export const careRelationsSchema = Type.Object(
  { relations: Type.Array(careRelationSchema) },
  closed,
);

/** Answer of ending a care relation. */
export const endedCareSchema = Type.Object(
  { staff: Type.String(), mrn: mrnSchema, ended: timeSchema },
  closed,
);

/** Body of `POST /api/break-glass`: access to a patient in nobody's or somebody else's care, for an hour. */
export const breakGlassSchema = Type.Object({ mrn: mrnSchema, reason: reasonSchema }, closed);

/** Answer of an access in an emergency. */
export const openedGlassSchema = Type.Object(
  { id: Type.String(), patient: Type.String(), expires: timeSchema },
  closed,
);

/** What a privacy officer finds about an access in an emergency. */
export const reviewVerdictSchema = Type.Enum(["justified", "not-justified"]);

/** One access in an emergency, with its review. */
export const reviewSchema = Type.Object(
  {
    id: Type.String(),
    staff: Type.String(),
    role: roleSchema,
    mrn: mrnSchema,
    reason: Type.String(),
    began: timeSchema,
    expires: timeSchema,
    /** Absent while it is open. */
    closed: Type.Optional(
      Type.Object(
        { at: timeSchema, by: Type.String(), verdict: reviewVerdictSchema, note: Type.String() },
        closed,
      ),
    ),
  },
  closed,
);

/** Answer of `GET /api/reviews`: open ones first, oldest first; then the newest closed ones. */
export const reviewsSchema = Type.Object(
  {
    reviews: Type.Array(reviewSchema),
    /** Rows that somebody has changed in the database: they open nothing and say nothing. */
    altered: Type.Integer({ minimum: 0 }),
  },
  closed,
);

/** Body of `POST /api/reviews/close`. */
export const closeReviewSchema = Type.Object(
  {
    id: Type.String({ pattern: "^[1-9][0-9]{0,14}$" }),
    verdict: reviewVerdictSchema,
    note: reasonSchema,
  },
  closed,
);

/** Why a record was looked into: care, bills, the hospital's own duties, or an emergency. */
export const purposeSchema = Type.Enum(["break-glass", "operations", "payment", "treatment"]);

/** One line of a patient's access log. */
export const accessLogEntrySchema = Type.Object(
  {
    at: timeSchema,
    /** The person's name; `operator` for the command line. */
    who: Type.String(),
    event: Type.Enum(["looked", "break-glass", "refused"]),
    /** What was seen, or which address was refused. */
    what: Type.String(),
    purpose: Type.Optional(purposeSchema),
  },
  closed,
);

/** Answer of `POST /api/access-log`, which takes a record number: of one patient the newest 1,000 of each kind, newest first. */
export const accessLogSchema = Type.Object({ entries: Type.Array(accessLogEntrySchema) }, closed);

/** Event `break-glass`: somebody has opened a record in an emergency; fetch the reviews anew. */
export const liveBreakGlassSchema = Type.Object({ id: Type.String() }, closed);

/** See {@link careOfSchema}. */
export type CareOf = Static<typeof careOfSchema>;
/** See {@link beginCareSchema}. */
export type BeginCare = Static<typeof beginCareSchema>;
/** See {@link careRelationsSchema}. */
export type CareRelations = Static<typeof careRelationsSchema>;
/** See {@link endedCareSchema}. */
export type EndedCare = Static<typeof endedCareSchema>;
/** See {@link breakGlassSchema}. */
export type BreakGlassRequest = Static<typeof breakGlassSchema>;
/** See {@link openedGlassSchema}. */
export type OpenedGlass = Static<typeof openedGlassSchema>;
/** See {@link reviewVerdictSchema}. */
export type ReviewVerdict = Static<typeof reviewVerdictSchema>;
/** See {@link reviewsSchema}. */
export type Reviews = Static<typeof reviewsSchema>;
/** See {@link closeReviewSchema}. */
export type CloseReview = Static<typeof closeReviewSchema>;
/** See {@link purposeSchema}. */
export type Purpose = Static<typeof purposeSchema>;
/** See {@link accessLogSchema}. */
export type AccessLog = Static<typeof accessLogSchema>;
/** See {@link liveBreakGlassSchema}. */
export type LiveBreakGlass = Static<typeof liveBreakGlassSchema>;
