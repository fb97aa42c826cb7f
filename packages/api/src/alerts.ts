import { Type, type Static } from "typebox";
import { levelSchema, partSchema } from "./plans.ts";
import { kindSchema, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

/** The parameters of NEWS2, in the chart's order. */
export const news2ParameterSchema = Type.Enum([
  "respiration",
  "spo2",
  "oxygen",
  "systolic",
  "pulse",
  "consciousness",
  "temperature",
]);

/** NEWS2 (Royal College of Physicians, 2017), or with parameters missing a lower bound of it, without a band. */
export const news2Schema = Type.Object(
  {
    total: Type.Integer({ minimum: 0, maximum: 20 }),
    /** Of those that are not missing. */
    subScores: Type.Partial(
      Type.Record(news2ParameterSchema, Type.Integer({ minimum: 0, maximum: 3 })),
      closed,
    ),
    missing: Type.Array(news2ParameterSchema),
    band: Type.Union([Type.Enum(["low", "low-medium", "medium", "high"]), Type.Null()]),
    spo2Scale: Type.Enum([1, 2]),
    oldestAt: timeSchema,
  },
  closed,
);

const pointSchema = Type.Object({ value: Type.Number(), at: timeSchema }, closed);
const of = <T extends string>(type: T) => ({ type: Type.Literal(type) });
const ofKind = { kind: kindSchema, part: partSchema };

/** What was found, as data; screens say it in the reader's language. Clinical units, ms. */
export const findingSchema = Type.Union([
  Type.Object(
    {
      ...of("limit"),
      ...ofKind,
      side: Type.Enum(["low", "high"]),
      value: Type.Number(),
      limit: Type.Number(),
    },
    closed,
  ),
  Type.Object(
    {
      ...of("change"),
      ...ofKind,
      from: pointSchema,
      to: pointSchema,
      by: Type.Number(),
      withinMs: Type.Integer(),
    },
    closed,
  ),
  Type.Object({ ...of("news2"), score: news2Schema }, closed),
  Type.Object(
    { ...of("no-data"), kind: kindSchema, lastAt: timeSchema, afterMs: Type.Integer() },
    closed,
  ),
  Type.Object({ ...of("silent"), lastAt: timeSchema, afterMs: Type.Integer() }, closed),
  Type.Object({ ...of("gap"), missing: Type.Integer() }, closed),
  Type.Object({ ...of("battery"), percent: Type.Number(), limit: Type.Number() }, closed),
]);

const byAtSchema = Type.Object({ by: Type.String(), at: timeSchema }, closed);

/** Somebody, or something, that was told of an alert, by what way, and what came of it. */
export const toldSchema = Type.Object(
  {
    to: Type.String(),
    way: Type.Enum(["console", "email", "webhook"]),
    /** 0 for those whose patient it is; 1, 2 … for those whom it was handed on to. */
    step: Type.Integer({ minimum: 0 }),
    state: Type.Enum(["waiting", "delivered", "failed"]),
    at: timeSchema,
    /** When it was delivered or given up; absent while it waits. */
    settled: Type.Optional(timeSchema),
    tries: Type.Integer({ minimum: 0 }),
  },
  closed,
);

/**
 * One alert. `raised`: real time; `at`: clinical time of what raised it. `over`: since when it is not so any more; it stays
 * open until somebody has acknowledged it, where it is clinical. `nextStep`: when it is handed on, if nobody acknowledges it.
 */
export const alertSchema = Type.Object(
  {
    id: Type.String(),
    patient: Type.String(),
    rule: Type.String(),
    channel: Type.Enum(["clinical", "technical"]),
    level: levelSchema,
    finding: findingSchema,
    /** Came late: told to nobody, and never open. */
    late: Type.Boolean(),
    raised: timeSchema,
    at: timeSchema,
    updated: timeSchema,
    over: Type.Optional(timeSchema),
    acknowledged: Type.Optional(byAtSchema),
    /** `by` absent: by itself, once it was over and acknowledged (technical ones: once over). */
    resolved: Type.Optional(
      Type.Object(
        { by: Type.Optional(Type.String()), at: timeSchema, note: Type.Optional(Type.String()) },
        closed,
      ),
    ),
    step: Type.Integer({ minimum: 0 }),
    nextStep: Type.Optional(timeSchema),
    told: Type.Array(toldSchema),
    seen: Type.Array(byAtSchema),
  },
  closed,
);

/** What a worklist row says of a patient's alerts. */
export const alertStandSchema = Type.Object(
  {
    open: Type.Array(alertSchema),
    news2: Type.Union([news2Schema, Type.Null()]),
  },
  closed,
);

/** Answer of `GET /api/alerts`: every open alert of the patients in the person's sight, with the patient's stand. */
export const alertListSchema = Type.Object(
  { stands: Type.Record(Type.String(), alertStandSchema), now: timeSchema },
  closed,
);

/** Answer of `GET /api/patients/:patient/alerts`: newest first, closed and late ones too. `next`: `before` to go on with. */
export const alertHistorySchema = Type.Object(
  { alerts: Type.Array(alertSchema), next: Type.Optional(Type.String()) },
  closed,
);

/** How long a note is that an alert is resolved with, in UTF-16 units. */
export const NOTE_LENGTH = { min: 3, max: 500 } as const;

/** Body of `POST /api/patients/:patient/alerts/resolve`. An alert that is still so ends, and comes again when it begins anew or gets worse. */
export const resolveAlertSchema = Type.Object(
  {
    alert: Type.String({ minLength: 1, maxLength: 15, pattern: "^[0-9]+$" }),
    note: Type.String({
      minLength: NOTE_LENGTH.min,
      maxLength: NOTE_LENGTH.max,
      pattern: "\\S",
    }),
  },
  closed,
);

/** Body of `POST /api/patients/:patient/alerts/acknowledge`: "I have seen it and look after it". */
export const acknowledgeAlertSchema = Type.Object(
  {
    alert: resolveAlertSchema.properties.alert,
    /** That stood on the screen: one that is higher by now nobody has acknowledged. */
    level: levelSchema,
  },
  closed,
);

/** Body of `POST /api/alerts/seen`: alerts that were on the screen in front of the person. */
export const seenAlertsSchema = Type.Object(
  { alerts: Type.Array(resolveAlertSchema.properties.alert, { minItems: 1, maxItems: 500 }) },
  closed,
);

/** Query of `GET /api/patients/:patient/alerts`. `before`: `next` of the answer before. */
export const alertHistoryQuerySchema = Type.Object(
  { before: Type.Optional(resolveAlertSchema.properties.alert) },
  closed,
);

/** Event `alert`: the whole new stand of one patient. */
export const liveAlertSchema = Type.Object(
  { patient: Type.String(), ...alertStandSchema.properties },
  closed,
);

/** See {@link news2Schema}. */
export type ApiNews2 = Static<typeof news2Schema>;
/** See {@link findingSchema}. */
export type ApiFinding = Static<typeof findingSchema>;
/** See {@link toldSchema}. */
export type Told = Static<typeof toldSchema>;
/** See {@link alertSchema}. */
export type ApiAlert = Static<typeof alertSchema>;
/** See {@link alertStandSchema}. */
export type AlertStand = Static<typeof alertStandSchema>;
/** See {@link alertListSchema}. */
export type AlertList = Static<typeof alertListSchema>;
/** See {@link alertHistorySchema}. */
export type AlertHistory = Static<typeof alertHistorySchema>;
/** See {@link alertHistoryQuerySchema}. */
export type AlertHistoryQuery = Static<typeof alertHistoryQuerySchema>;
/** See {@link resolveAlertSchema}. */
export type ResolveAlert = Static<typeof resolveAlertSchema>;
/** See {@link acknowledgeAlertSchema}. */
export type AcknowledgeAlert = Static<typeof acknowledgeAlertSchema>;
/** See {@link seenAlertsSchema}. */
export type SeenAlerts = Static<typeof seenAlertsSchema>;
/** See {@link liveAlertSchema}. */
export type LiveAlert = Static<typeof liveAlertSchema>;
