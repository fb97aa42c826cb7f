import { Type, type Static } from "typebox";

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });
const hash = Type.String({ pattern: "^[0-9a-f]{64}$" });

/** In what a row of the database differs from the log. */
export const AUDIT_DIFFERENCES = [
  /** The log has a leaf, and the database no row for it. */
  "row-missing",
  /** The row's leaf is none. */
  "entry-unreadable",
  /** The row says something else than its leaf. */
  "row-altered",
  /** The details are not those whose hash the leaf has, or the leaf knows of none. */
  "details-altered",
  /** The leaf has a hash of details, and there is no row with them: erasing destroys a key, and leaves the row. */
  "details-missing",
  /** The row has a leaf, and the log has passed it by. */
  "leaf-missing",
  /** Details of no row. */
  "details-stray",
  /** What the log's first entry says of the rows from before it does not fit them. */
  "earlier-altered",
] as const;

/** Where one part of a comparison begins. Ids can be negative: whoever writes rows past the hospital chooses them. */
export const auditPlaceSchema = Type.Union([
  /** From the leaf with this index on: each with its row and details. */
  Type.Object({ part: Type.Literal("leaves"), from: count }, closed),
  /** Rows behind this id that are no leaf; details behind this one that are of no row. */
  Type.Object({ part: Type.Enum(["rows", "details"]), after: Type.Integer() }, closed),
  /** Rows from before the log behind this id; `count` and `hash` are of those up to it. */
  Type.Object({ part: Type.Literal("earlier"), after: Type.Integer(), count, hash }, closed),
]);

/** Body of `POST /operator/audit/compare`. Without a place: from the beginning. */
export const compareAuditSchema = Type.Object({ place: Type.Optional(auditPlaceSchema) }, closed);

const findingsSchema = Type.Array(
  Type.Object(
    {
      what: Type.Enum([...AUDIT_DIFFERENCES]),
      index: Type.Union([count, Type.Null()]),
      /** The row's id in `audit_events`. */
      event: Type.Union([Type.Integer(), Type.Null()]),
    },
    closed,
  ),
);

/** What comparing one part gave. Names rows and leaves by number alone. */
export const auditPartSchema = Type.Object(
  {
    /** Leaves that were compared. */
    compared: count,
    /** Rows that are no leaf yet. */
    waiting: count,
    /** Entries whose details were erased with their patient's key. */
    erased: count,
    /** Rows from before there was a log. */
    earlier: count,
    findings: findingsSchema,
    /** Whether there are more than those. */
    hasMore: Type.Boolean(),
    /** Where the next part begins; absent where all was compared. */
    next: Type.Optional(auditPlaceSchema),
  },
  closed,
);

/** Why entries of the audit log are read at the private socket, and the event that is noted of it. */
export const AUDIT_READINGS = {
  export: "audit.exported",
  proof: "audit.proved",
  verification: "audit.verified",
} as const;

/** Body of `POST /operator/audit/readings`: is on record before the first entry is read. */
export const beginReadingSchema = Type.Object(
  { why: Type.Enum(["export", "proof", "verification"]) },
  closed,
);

/** Its answer, which each request for entries names in {@link AUDIT_READING_HEADER}. */
export const auditReadingSchema = Type.Object({ reading: Type.String() }, closed);

/** Names the reading that a request for entries of the log belongs to. */
export const AUDIT_READING_HEADER = "siphms-audit-reading";

/** See {@link AUDIT_DIFFERENCES}. */
export type AuditDifference = (typeof AUDIT_DIFFERENCES)[number];
/** See {@link auditPlaceSchema}. */
export type AuditPlace = Static<typeof auditPlaceSchema>;
/** See {@link auditPartSchema}. */
export type AuditPart = Static<typeof auditPartSchema>;
/** See {@link AUDIT_READINGS}. */
export type AuditReading = keyof typeof AUDIT_READINGS;
