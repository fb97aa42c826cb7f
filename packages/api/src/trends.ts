import { Type, type Static } from "typebox";
import { kindSchema, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

/** Of a trend: six hours in steps of ten minutes. */
export const TREND_STEP_MS = 600_000;
/** Steps in a trend; the last one is the one that clinical time is in now. */
export const TREND_STEPS = 36;
/** Patients whom one query may name. */
export const MAX_TREND_PATIENTS = 50;

/** One patient's last six hours in short. */
export const trendSchema = Type.Object(
  {
    patient: Type.String(),
    /** Where the first step begins, clinical time. */
    start: timeSchema,
    stepMs: Type.Literal(TREND_STEP_MS),
    series: Type.Array(
      Type.Object(
        {
          kind: kindSchema,
          /** Means of the good samples of each step (of a pressure: systolic), null where there are none. */
          values: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
            minItems: TREND_STEPS,
            maxItems: TREND_STEPS,
          }),
        },
        closed,
      ),
    ),
  },
  closed,
);

/** Query of `GET /api/trends`: which of the person's patients; those who are not are left out. */
export const trendsQuerySchema = Type.Object(
  {
    patient: Type.Union([
      Type.String({ maxLength: 64 }),
      Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: MAX_TREND_PATIENTS }),
    ]),
  },
  closed,
);

/** Answer of `GET /api/trends`: for the worklist's small curves, fetched behind the list so that the list is on screen first. */
export const trendsSchema = Type.Object({ trends: Type.Array(trendSchema) }, closed);

/** See {@link trendSchema}. */
export type Trend = Static<typeof trendSchema>;
/** See {@link trendsSchema}. */
export type Trends = Static<typeof trendsSchema>;
/** See {@link trendsQuerySchema}. */
export type TrendsQuery = Static<typeof trendsQuerySchema>;
