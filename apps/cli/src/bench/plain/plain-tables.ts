/**
 * The tables of the plain pipeline, as a developer lays them out who has never heard of sealing: one row a sample, or one row a
 * message. The primary key is the index by which a patient's values are read back, so it is the only one.
 */
export const PLAIN_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS readings (
     patient integer NOT NULL,
     kind text NOT NULL,
     at timestamptz NOT NULL,
     value real NOT NULL,
     PRIMARY KEY (patient, kind, at)
   )`,
  `CREATE TABLE IF NOT EXISTS batches (
     patient integer NOT NULL,
     kind text NOT NULL,
     start_at timestamptz NOT NULL,
     samples jsonb NOT NULL,
     PRIMARY KEY (patient, kind, start_at)
   )`,
];

/** One message of the plain pipeline: what a device posts as JSON. */
export interface PlainMessage {
  readonly patient: number;
  readonly kind: string;
  /** In the order of their times, which are written as RFC 3339 has them. */
  readonly samples: readonly { readonly at: string; readonly value: number }[];
}

/** The two forms in which the plain pipeline stores a message, and where a device posts it. */
export const PLAIN_PATHS = { rows: "/readings", jsonb: "/batches" } as const;

/** Which form of the plain pipeline. */
export type PlainForm = keyof typeof PLAIN_PATHS;

/** The schema by which messages are checked. */
export const PLAIN_MESSAGE_SCHEMA = {
  type: "object",
  required: ["patient", "kind", "samples"],
  additionalProperties: false,
  properties: {
    patient: { type: "integer", minimum: 1 },
    kind: { type: "string", minLength: 1, maxLength: 40 },
    samples: {
      type: "array",
      minItems: 1,
      maxItems: 2000,
      items: {
        type: "object",
        required: ["at", "value"],
        additionalProperties: false,
        properties: { at: { type: "string", format: "date-time" }, value: { type: "number" } },
      },
    },
  },
} as const;
