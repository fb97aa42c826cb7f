import { Type, type Static } from "typebox";
import { checkReportSchema, countersSchema } from "./operator.ts";
import { keyStatusSchema } from "./operator-keys.ts";
import { timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });

/** One gateway that the hospital connects to. What waits in its queue it tells nobody but its own operator. */
export const gatewaySchema = Type.Object(
  {
    /** gateway-url: the name that it is known by. */
    url: Type.String(),
    state: Type.Enum(["connected", "away"]),
    /** Since when, as far as the running program knows. */
    since: timeSchema,
    /** When something came from it last, since the program began. */
    lastContact: Type.Optional(timeSchema),
    /** Devices' sessions that go by it now. */
    sessions: count,
  },
  closed,
);

/** Answer of `GET /api/gateways`, in the order of the settings. */
export const gatewaysSchema = Type.Object(
  { gateways: Type.Array(gatewaySchema), now: timeSchema },
  closed,
);

/** A sweep of everything that somebody with the database alone could have changed, and when it ran. */
export const ranCheckSchema = Type.Object({ at: timeSchema, report: checkReportSchema }, closed);

/** Answer of `GET /api/system`. */
export const systemSchema = Type.Object(
  {
    hospital: Type.Object({ id: Type.String(), name: Type.String() }, closed),
    demo: Type.Boolean(),
    versions: Type.Object(
      { siphms: Type.String(), node: Type.String(), database: Type.String() },
      closed,
    ),
    started: timeSchema,
    /** Whether each part works now. */
    checks: Type.Record(Type.String(), Type.Boolean()),
    counters: countersSchema,
    storage: Type.Object(
      {
        databaseBytes: count,
        /** Of the disk with the data folder; absent where it cannot be told. */
        freeBytes: Type.Optional(count),
      },
      closed,
    ),
    keys: keyStatusSchema,
    /** The last one since the program began; null before the first. */
    lastCheck: Type.Union([ranCheckSchema, Type.Null()]),
    now: timeSchema,
  },
  closed,
);

/** Answer of `GET /api/first-run`: what there is, for the list of what is still to be done. */
export const firstRunSchema = Type.Object(
  {
    /** Active accounts by role. */
    staff: Type.Object(
      { doctor: count, nurse: count, administrator: count, "privacy-officer": count },
      closed,
    ),
    gateways: Type.Object({ known: count, connected: count }, closed),
    patients: count,
    /** By state of the binding. */
    devices: Type.Object({ active: count, pending: count }, closed),
    /** Somebody has a patient in their care. */
    hasCare: Type.Boolean(),
    demo: Type.Boolean(),
  },
  closed,
);

/** See {@link gatewaySchema}. */
export type GatewayStatus = Static<typeof gatewaySchema>;
/** See {@link gatewaysSchema}. */
export type Gateways = Static<typeof gatewaysSchema>;
/** See {@link ranCheckSchema}. */
export type RanCheck = Static<typeof ranCheckSchema>;
/** See {@link systemSchema}. */
export type SystemStatus = Static<typeof systemSchema>;
/** See {@link firstRunSchema}. */
export type FirstRun = Static<typeof firstRunSchema>;
