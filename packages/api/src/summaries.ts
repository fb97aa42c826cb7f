import { Type, type Static } from "typebox";
import { mrnSchema } from "./operator.ts";
import { kindSchema, timeSchema } from "./vocabulary.ts";

/** How much time one summary covers. Hours and days of UTC: the same instants for every reader, whatever their clocks say. */
export const summarySpanSchema = Type.Enum(["hour", "day"]);

/** Most periods that hold readings in one answer: a hundred days of hours, or years of days. */
export const MAX_SUMMARIES = 2500;

const counts = Type.Array(Type.Integer({ minimum: 0 }));
const values = Type.Array(Type.Union([Type.Number(), Type.Null()]));
const times = Type.Array(Type.Union([timeSchema, Type.Null()]));

/**
 * Summaries of one kind, column by column: what stands at one place of all columns belongs to one period.
 *
 * Values are in clinical units. Where every sample of a period stands in quarantine, `count` is 0 and the values are null.
 */
export const summarySeriesSchema = Type.Object(
  {
    kind: kindSchema,
    /** Which of a blood pressure's numbers; absent for every other kind. */
    part: Type.Optional(Type.Enum(["systolic", "diastolic", "mean"])),
    unit: Type.String(),
    /** When each period begins, rising. */
    start: Type.Array(timeSchema),
    /** Good samples; nothing else here counts what stands in quarantine. */
    count: counts,
    min: values,
    max: values,
    /** Rounded to a thousandth; null for consciousness, whose levels are no quantity. */
    mean: values,
    first: values,
    firstAt: times,
    last: values,
    lastAt: times,
    /** Of the good samples, those that came late. */
    late: counts,
    /** Samples that stand in quarantine. */
    quarantined: counts,
  },
  { additionalProperties: false },
);

/**
 * Answer of a summary query: the whole periods that touch the range, those without readings left out. It holds everything that
 * was stored when it was asked for.
 */
export const summarySchema = Type.Object(
  { span: summarySpanSchema, series: Type.Array(summarySeriesSchema) },
  { additionalProperties: false },
);

const text = Type.String({ pattern: "^[0-9]{1,16}$" });
const kind = Type.Optional(Type.Union([kindSchema, Type.Array(kindSchema, { maxItems: 11 })]));

/** A summary query as it stands in the address: every member is text, `from` included, `to` not. */
export const summaryQuerySchema = Type.Object(
  { from: text, to: text, span: summarySpanSchema, kind },
  { additionalProperties: false },
);

/** The operator's summary query: by medical record number, from the beginning and to the end where nothing else is said. */
export const operatorSummaryQuerySchema = Type.Object(
  {
    mrn: mrnSchema,
    from: Type.Optional(text),
    to: Type.Optional(text),
    span: summarySpanSchema,
    kind,
  },
  { additionalProperties: false },
);

/** See {@link summarySpanSchema}. */
export type SummarySpan = Static<typeof summarySpanSchema>;
/** See {@link summarySeriesSchema}. */
export type SummarySeries = Static<typeof summarySeriesSchema>;
/** See {@link summarySchema}. */
export type Summary = Static<typeof summarySchema>;
/** See {@link summaryQuerySchema}. */
export type SummaryQuery = Static<typeof summaryQuerySchema>;
/** See {@link operatorSummaryQuerySchema}. */
export type OperatorSummaryQuery = Static<typeof operatorSummaryQuerySchema>;
