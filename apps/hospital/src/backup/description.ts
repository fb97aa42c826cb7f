import { Type, type Static, type TSchema } from "typebox";
import { Value } from "typebox/value";
import { altered } from "./frames.ts";

const STRICT = { additionalProperties: false };
const hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${String(2 * bytes)}}$` });
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** As PostgreSQL takes them. They become part of statements, quoted. */
const name = Type.String({ minLength: 1, maxLength: 63 });

/** The two files of a backup. Wrapped patients' keys stand apart, so that they can be kept for a shorter time. */
export type PartName = "keys" | "records";

const headerSchema = Type.Object(
  {
    format: Type.Literal("siphms backup 1"),
    part: Type.Union([Type.Literal("keys"), Type.Literal("records")]),
    /** The same in both parts. */
    backup: hex(8),
    hospital: Type.String({ pattern: "^[a-z0-9-]{1,63}$" }),
    /** ms; no later than what the snapshot shows. */
    madeAt: count,
    /** The installation key, wrapped: the fingerprint of each key-encryption key that opens it, and the wrapped bytes. */
    keys: Type.Array(Type.Tuple([hex(8), Type.String({ pattern: "^[0-9a-f]{2,512}$" })]), {
      maxItems: 16,
    }),
    /** The age identity that opens the rest, sealed under the installation key. */
    identity: Type.String({ pattern: "^[0-9a-f]{2,1024}$" }),
  },
  STRICT,
);

/** The one line in clear with which each file begins: what is needed to open the rest, and to find one among many. */
export type PartHeader = Static<typeof headerSchema>;

const markSchema = Type.Object(
  {
    format: Type.Literal("siphms backup 1"),
    backup: hex(8),
    hospital: Type.String({ pattern: "^[a-z0-9-]{1,63}$" }),
    /** As the headers say. */
    madeAt: count,
    /** How long each part is. */
    keysBytes: count,
    recordsBytes: count,
    /** Over all of it, under the installation key. */
    mac: hex(32),
  },
  STRICT,
);

/** What the file says that is written once both parts are whole. */
export type MarkFields = Omit<Static<typeof markSchema>, "mac">;

const tableSchema = Type.Object(
  {
    schema: name,
    name,
    columns: Type.Array(name, { minItems: 1, maxItems: 1_600 }),
  },
  STRICT,
);

/** A table, with its columns in the order in which its rows stand. */
export type StoredTable = Static<typeof tableSchema>;

const digestSchema = Type.Object({ rows: count, digest: hex(32) }, STRICT);

const metaSchema = Type.Object(
  {
    migrations: Type.Array(
      Type.Object({ number: count, name: Type.String(), checksum: hex(32) }, STRICT),
    ),
    /** Months with a partition of `batches`, `2026_11`. */
    months: Type.Array(Type.String({ pattern: "^[0-9]{4}_(0[1-9]|1[0-2])$" })),
    /** Where each sequence stood; those that were never asked are left out. */
    sequences: Type.Array(Type.Object({ schema: name, name, value: count }, STRICT)),
    /** The audit log's newest checkpoint within the snapshot. */
    checkpoint: Type.Union([Type.Object({ size: count, root: hex(32) }, STRICT), Type.Null()]),
  },
  STRICT,
);

/** What is needed to bring the tables back beside their rows. */
export type PartMeta = Static<typeof metaSchema>;

const endSchema = Type.Object({ tables: count }, STRICT);

/** Reads a part's header. @throws {BackupError} `BACKUP_ALTERED` */
export const parseHeader = (json: Buffer): PartHeader => parse(headerSchema, json);
/** Reads the mark of a backup that is whole. @throws {BackupError} `BACKUP_ALTERED` */
export const parseMark = (json: Buffer): Static<typeof markSchema> => parse(markSchema, json);
/** Reads the description of a part. @throws {BackupError} `BACKUP_ALTERED` */
export const parseMeta = (json: Buffer): PartMeta => parse(metaSchema, json);
/** Reads the description of a table. @throws {BackupError} `BACKUP_ALTERED` */
export const parseTable = (json: Buffer): StoredTable => parse(tableSchema, json);
/** Reads what a table's rows come to. @throws {BackupError} `BACKUP_ALTERED` */
export const parseDigest = (json: Buffer): Static<typeof digestSchema> => parse(digestSchema, json);
/** Reads a part's end. @throws {BackupError} `BACKUP_ALTERED` */
export const parseEnd = (json: Buffer): Static<typeof endSchema> => parse(endSchema, json);

function parse<T extends TSchema>(schema: T, json: Buffer): Static<T> {
  let value: unknown;
  try {
    value = JSON.parse(json.toString("utf8"));
  } catch (cause) {
    throw altered(cause);
  }
  if (!Value.Check(schema, value)) throw altered();
  return value;
}
