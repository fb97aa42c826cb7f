import { Type, type Static } from "typebox";
import { reasonSchema } from "./access.ts";
import { decisionSchema } from "./decisions.ts";
import { messageIdSchema } from "./evidence.ts";
import { kidSchema } from "./operator.ts";
import { sampleRunSchema } from "./readings.ts";
import { timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

/** Items in one list, and in one decision. */
export const MAX_QUARANTINE_ITEMS = 100;

/** Names samples in quarantine: those of one message that stand there for one reason. */
const itemProperties = {
  device: kidSchema,
  messageId: messageIdSchema,
  reason: Type.String({ minLength: 1, maxLength: 100 }),
} as const;

/**
 * Why samples cannot be released. `binding-unconfirmed`: nobody ever confirmed the device; `time-ahead`: measured in what
 * is still the future; `out-of-scale`: no chart or summary holds such a value.
 */
export const unreleasableSchema = Type.Enum(["binding-unconfirmed", "out-of-scale", "time-ahead"]);

/** Samples of one message that stand in quarantine for one reason, or stood there until a doctor decided. */
export const quarantineEntrySchema = Type.Object(
  {
    ...itemProperties,
    received: timeSchema,
    samples: Type.Integer({ minimum: 1 }),
    runs: Type.Array(sampleRunSchema),
    decision: Type.Optional(decisionSchema),
    /** Absent where a doctor may release them. */
    unreleasable: Type.Optional(unreleasableSchema),
  },
  closed,
);

/** Query of `GET /api/patients/:patient/quarantine/entries`: what is still to be decided, or what was. */
export const quarantineQuerySchema = Type.Object({ state: Type.Enum(["held", "decided"]) }, closed);

/** Answer: the newest {@link MAX_QUARANTINE_ITEMS}, newest first; `more` where there are others behind them. */
export const quarantineEntriesSchema = Type.Object(
  { entries: Type.Array(quarantineEntrySchema), more: Type.Boolean() },
  closed,
);

/** Body of `POST /api/patients/:patient/quarantine/decisions`: all of the items or none. A decision can be changed by a later one. */
export const decideQuarantineSchema = Type.Object(
  {
    items: Type.Array(Type.Object(itemProperties, closed), {
      minItems: 1,
      maxItems: MAX_QUARANTINE_ITEMS,
    }),
    decision: Type.Enum(["released", "rejected"]),
    why: reasonSchema,
  },
  closed,
);

/** See {@link unreleasableSchema}. */
export type Unreleasable = Static<typeof unreleasableSchema>;
/** See {@link quarantineEntrySchema}. */
export type QuarantineEntry = Static<typeof quarantineEntrySchema>;
/** See {@link quarantineEntriesSchema}. */
export type QuarantineEntries = Static<typeof quarantineEntriesSchema>;
/** See {@link quarantineQuerySchema}. */
export type QuarantineQuery = Static<typeof quarantineQuerySchema>;
/** See {@link decideQuarantineSchema}. */
export type DecideQuarantine = Static<typeof decideQuarantineSchema>;
