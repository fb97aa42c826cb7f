import { Type, type Static } from "typebox";
import { REASON_LENGTH } from "./access.ts";
import { kindSchema, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

/** How much an alert asks for: somebody's attention soon, or at once. */
export const levelSchema = Type.Enum(["warn", "urgent"]);
/** Which number of a value: its only one, or one of a blood pressure. */
export const partSchema = Type.Enum(["value", "systolic", "diastolic", "mean"]);

const boundSchema = Type.Union([Type.Number(), Type.Null()]);
const LONGEST_MS = 366 * 86_400_000;
const durationSchema = Type.Integer({ minimum: 0, maximum: LONGEST_MS });
const durationOrNull = Type.Union([
  Type.Integer({ minimum: 60_000, maximum: LONGEST_MS }),
  Type.Null(),
]);

/** Templates that a plan can be begun from. */
export const templateSchema = Type.Enum([
  "adult",
  "copd",
  "diabetes",
  "heart-failure",
  "hypertension",
  "infection",
]);

/** A limit on one side of one number, in clinical units; reached by a value at or beyond it. */
export const limitRuleSchema = Type.Object(
  {
    kind: kindSchema,
    part: partSchema,
    side: Type.Enum(["low", "high"]),
    warn: boundSchema,
    urgent: boundSchema,
    hysteresis: Type.Number({ minimum: 0 }),
    forMs: durationSchema,
  },
  closed,
);

/** What is watched about one patient: see `Plan` of `@siphms/alerts`, which says what each member means. */
export const planRulesSchema = Type.Object(
  {
    template: templateSchema,
    limits: Type.Array(limitRuleSchema, { maxItems: 60 }),
    changes: Type.Array(
      Type.Object(
        {
          kind: kindSchema,
          part: partSchema,
          direction: Type.Enum(["rise", "fall"]),
          by: Type.Number({ exclusiveMinimum: 0 }),
          withinMs: durationSchema,
          level: levelSchema,
        },
        closed,
      ),
      { maxItems: 20 },
    ),
    news2: Type.Union([
      Type.Object(
        {
          spo2Scale: Type.Enum([1, 2]),
          warnFrom: Type.Integer({ minimum: 1, maximum: 20 }),
          urgentFrom: Type.Integer({ minimum: 1, maximum: 20 }),
          singleThree: Type.Union([levelSchema, Type.Null()]),
          carryForwardMs: durationSchema,
        },
        closed,
      ),
      Type.Null(),
    ]),
    noData: Type.Array(Type.Object({ kind: kindSchema, afterMs: durationSchema }, closed), {
      maxItems: 11,
    }),
    device: Type.Object(
      {
        silentAfterMs: durationOrNull,
        batteryBelow: Type.Union([Type.Integer({ minimum: 1, maximum: 100 }), Type.Null()]),
        gaps: Type.Boolean(),
      },
      closed,
    ),
  },
  closed,
);

/** A patient's plan as it stands. `version` 0: nobody has set one, the template for adults holds. */
export const planSchema = Type.Object(
  {
    version: Type.Integer({ minimum: 0 }),
    rules: planRulesSchema,
    setBy: Type.Optional(Type.String()),
    setAt: Type.Optional(timeSchema),
    reason: Type.Optional(Type.String()),
    /** What stands in the database is not as it was written: the template for adults holds until a doctor sets a plan anew. */
    altered: Type.Optional(Type.Literal(true)),
  },
  closed,
);

/** Answer of `GET /api/patients/:patient/plan/history`: every plan that was ever set, newest first. */
export const planHistorySchema = Type.Object({ plans: Type.Array(planSchema) }, closed);

/** Body of `PUT /api/patients/:patient/plan`. `version`: the one that it changes; another one by now is a conflict. */
export const setPlanSchema = Type.Object(
  {
    version: Type.Integer({ minimum: 0 }),
    rules: planRulesSchema,
    reason: Type.String({ minLength: REASON_LENGTH.min, maxLength: REASON_LENGTH.max }),
  },
  closed,
);

/** Answer of `GET /api/plan-templates`. */
export const planTemplatesSchema = Type.Object({ templates: Type.Array(planRulesSchema) }, closed);

/** See {@link planRulesSchema}. */
export type PlanRules = Static<typeof planRulesSchema>;
/** See {@link planSchema}. */
export type PatientPlan = Static<typeof planSchema>;
/** See {@link planHistorySchema}. */
export type PlanHistory = Static<typeof planHistorySchema>;
/** See {@link setPlanSchema}. */
export type SetPlan = Static<typeof setPlanSchema>;
/** See {@link planTemplatesSchema}. */
export type PlanTemplates = Static<typeof planTemplatesSchema>;
