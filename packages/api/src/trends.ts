import { Type, type Static } from "typebox";
import { kindSchema, timeSchema } from "./vocabulary.ts";

/** Of a trend: six hours in steps of ten minutes. */
export const TREND_STEP_MS = 600_000;
/** Steps in a trend; the last one is the one that clinical time is in now. */
export const TREND_STEPS = 36;

/** One patient's last six hours in short. Numbers are means of the good samples of a step, null where there are none. */
export const trendSchema = Type.Object(
  {
    patient: Type.String(),
    /** Where the first step begins, clinical time. */
    from: timeSchema,
    series: Type.Array(
      Type.Object(
        {
          kind: kindSchema,
          /** Of a blood pressure; absent for every other kind. */
          part: Type.Optional(Type.Enum(["systolic", "diastolic"])),
          values: Type.Array(Type.Union([Type.Number(), Type.Null()]), {
            minItems: TREND_STEPS,
            maxItems: TREND_STEPS,
          }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

/** Answer of `GET /api/trends`: for the worklist's small curves, fetched behind the list so that the list is on screen first. */
export const trendsSchema = Type.Object(
  { trends: Type.Array(trendSchema) },
  { additionalProperties: false },
);

/** See {@link trendSchema}. */
export type Trend = Static<typeof trendSchema>;
/** See {@link trendsSchema}. */
export type Trends = Static<typeof trendsSchema>;
