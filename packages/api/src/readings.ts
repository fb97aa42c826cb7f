import { Type, type Static, type TProperties } from "typebox";
import { decisionSchema } from "./decisions.ts";
import { kindSchema, originSchema, timeSchema, valueSchema } from "./vocabulary.ts";

/** Most samples that one answer of the console's readings holds, a day of one a second among them; more are behind `next`. */
export const MAX_READINGS = 100_000;

/** The newest good value of one kind. What stands in quarantine is never here. */
export const latestValueSchema = Type.Object(
  {
    kind: kindSchema,
    at: timeSchema,
    value: valueSchema,
    unit: Type.String(),
    origin: originSchema,
    late: Type.Boolean(),
    /** It stood in quarantine until a doctor released it. */
    released: Type.Optional(Type.Literal(true)),
  },
  { additionalProperties: false },
);

const sharedProperties = {
  kind: kindSchema,
  unit: Type.String(),
  origin: originSchema,
  state: Type.Enum(["stored", "late", "quarantined"]),
  reason: Type.Optional(Type.String()),
} satisfies TProperties;

const messageProperties = {
  /** The device's kid, base64url. */
  device: Type.String(),
  /** The signed message that holds the sample, base64url. */
  messageId: Type.String(),
  /** What a doctor decided about it, where it stood in quarantine; `reason` still says why it stood there. */
  decision: Type.Optional(decisionSchema),
} satisfies TProperties;

/** What was measured, and what became of it: the part of a sample that every interface shows. */
export const measuredProperties = {
  ...sharedProperties,
  at: timeSchema,
  value: valueSchema,
} satisfies TProperties;

/**
 * One sample as the hospital holds it. `late`: stored, but older than the limit when it came.
 * `quarantined`: kept, never shown as a vital sign, with the reason of the receipt. Released by a doctor it is `stored` or
 * `late`, with the reason and the decision beside it.
 */
export const apiSampleSchema = Type.Object(
  { ...measuredProperties, ...messageProperties },
  { additionalProperties: false },
);

const stepSchema = Type.Integer({ minimum: 0 });

/**
 * Samples of one kind that follow each other in one signed message and share everything but time and value: a day of a patient
 * is a thousand of these instead of a hundred thousand objects. `samplesOfRuns` takes them apart.
 */
export const sampleRunSchema = Type.Object(
  {
    ...sharedProperties,
    ...messageProperties,
    /** Time of the first sample. */
    start: timeSchema,
    /** ms from each sample to the next: one number where it is always the same, else one for each sample but the first. */
    step: Type.Union([stepSchema, Type.Array(stepSchema)]),
    values: Type.Array(valueSchema, { minItems: 1 }),
  },
  { additionalProperties: false },
);

/**
 * Answer of a readings query: the samples of a range, in order of their runs' beginnings. `next` is the `from` to go on with
 * where a limit cut the answer short: every sample before it is in the answer.
 */
export const readingsSchema = Type.Object(
  { runs: Type.Array(sampleRunSchema), next: Type.Optional(timeSchema) },
  { additionalProperties: false },
);

/** A readings query as it stands in the address: every member is text, `from` included, `to` not. */
export const readingsQuerySchema = Type.Object(
  {
    from: Type.String({ pattern: "^[0-9]{1,16}$" }),
    to: Type.String({ pattern: "^[0-9]{1,16}$" }),
    kind: Type.Optional(Type.Union([kindSchema, Type.Array(kindSchema, { maxItems: 11 })])),
    limit: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,5}$" })),
  },
  { additionalProperties: false },
);

/** How many samples of a patient stand in quarantine, and why. */
export const quarantineSummarySchema = Type.Object(
  {
    total: Type.Integer({ minimum: 0 }),
    reasons: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
);

/** See {@link latestValueSchema}. */
export type LatestValue = Static<typeof latestValueSchema>;
/** See {@link apiSampleSchema}. */
export type ApiSample = Static<typeof apiSampleSchema>;
/** See {@link sampleRunSchema}. */
export type SampleRun = Static<typeof sampleRunSchema>;
/** See {@link readingsSchema}. */
export type Readings = Static<typeof readingsSchema>;
/** See {@link readingsQuerySchema}. */
export type ReadingsQuery = Static<typeof readingsQuerySchema>;
/** See {@link quarantineSummarySchema}. */
export type QuarantineSummary = Static<typeof quarantineSummarySchema>;
