import { Type, type Static } from "typebox";

const closed = { additionalProperties: false } as const;
const count = Type.Integer({ minimum: 0 });

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
  /** The row has a leaf, and the log has passed it by. */
  "leaf-missing",
  /** Details of no row. */
  "details-stray",
  /** What the log's first entry says of the rows from before it does not fit them. */
  "earlier-altered",
] as const;

/** What comparing every row of the audit log with its leaf gave. Names rows and leaves by number alone. */
export const auditComparisonSchema = Type.Object(
  {
    ok: Type.Boolean(),
    /** Leaves of the log, all of which were compared. */
    size: count,
    /** Rows that are no leaf yet. */
    waiting: count,
    /** Entries whose details were erased: the log says that there were some. */
    erased: count,
    /** Rows from before there was a log. */
    earlier: count,
    /** By index; rows that are no leaf come last. */
    findings: Type.Array(
      Type.Object(
        {
          what: Type.Enum([...AUDIT_DIFFERENCES]),
          index: Type.Union([count, Type.Null()]),
          /** The row's id in `audit_events`. */
          event: Type.Union([count, Type.Null()]),
        },
        closed,
      ),
    ),
    /** Whether there are more than those. */
    hasMore: Type.Boolean(),
  },
  closed,
);

/** See {@link AUDIT_DIFFERENCES}. */
export type AuditDifference = (typeof AUDIT_DIFFERENCES)[number];
/** See {@link auditComparisonSchema}. */
export type AuditComparison = Static<typeof auditComparisonSchema>;
