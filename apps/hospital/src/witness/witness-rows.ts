import type { Queryable, Transaction } from "../database/index.ts";

/** How far one witness has come. */
export interface WitnessStanding {
  readonly witness: string;
  /** When it cosigned last, ms; absent where it never did. */
  readonly lastAt?: number;
  /** When the oldest head was signed that came after the last one that it cosigned, ms; absent where it has all. */
  readonly waitingSince?: number;
}

/** How far each of these witnesses has come. @param witnesses - Names of their keys. */
export async function readWitnessStandings(
  queryable: Queryable,
  witnesses: readonly string[],
): Promise<readonly WitnessStanding[]> {
  const { rows } = await queryable.query(
    `SELECT w.name, s.at,
       (SELECT c.at FROM audit_checkpoints c
        WHERE c.id > coalesce(s.checkpoint_id, 0) ORDER BY c.id LIMIT 1) AS waiting_since
     FROM unnest($1::text[]) WITH ORDINALITY AS w (name, place)
     LEFT JOIN LATERAL (SELECT checkpoint_id, at FROM audit_cosignatures
       WHERE witness = w.name ORDER BY checkpoint_id DESC LIMIT 1) s ON true
     ORDER BY w.place`,
    [witnesses],
  );
  return rows.map((row) => {
    const [lastAt, waitingSince] = [row.numberOrNull("at"), row.numberOrNull("waiting_since")];
    return {
      witness: row.text("name"),
      ...(lastAt === null ? {} : { lastAt }),
      ...(waitingSince === null ? {} : { waitingSince }),
    };
  });
}

/** Every witness that has cosigned a head of this log, and when it did last, ms. */
export async function readPastWitnesses(
  queryable: Queryable,
): Promise<readonly { readonly witness: string; readonly lastAt: number }[]> {
  // From one name to the next: there are as many rows as heads were cosigned.
  const { rows } = await queryable.query(
    `WITH RECURSIVE past (name) AS (
       SELECT min(witness) FROM audit_cosignatures
       UNION ALL
       SELECT (SELECT min(s.witness) FROM audit_cosignatures s WHERE s.witness > past.name)
       FROM past WHERE past.name IS NOT NULL)
     SELECT past.name, (SELECT s.at FROM audit_cosignatures s WHERE s.witness = past.name
       ORDER BY s.checkpoint_id DESC LIMIT 1) AS at
     FROM past WHERE past.name IS NOT NULL ORDER BY past.name`,
  );
  return rows.map((row) => ({ witness: row.text("name"), lastAt: row.number("at") }));
}

/** The size of the head that a witness has cosigned last, where this log key signed it; else 0: the witness knows better. */
export async function readCosignedSize(
  queryable: Queryable,
  { witness, keyId }: { readonly witness: string; readonly keyId: number },
): Promise<number> {
  const { rows } = await queryable.query(
    `SELECT c.key_id, c.size FROM audit_cosignatures s
     JOIN audit_checkpoints c ON c.id = s.checkpoint_id
     WHERE s.witness = $1 ORDER BY s.checkpoint_id DESC LIMIT 1`,
    [witness],
  );
  const [newest] = rows;
  return newest?.number("key_id") === keyId ? newest.number("size") : 0;
}

/** Keeps a cosignature; of two for one head the first stays. */
export async function storeCosignature(
  tx: Transaction,
  cosignature: {
    readonly checkpointId: number;
    readonly witness: string;
    /** Without a line's end. */
    readonly line: string;
    readonly at: number;
  },
): Promise<void> {
  const { checkpointId, witness, line, at } = cosignature;
  await tx.query(
    `INSERT INTO audit_cosignatures (checkpoint_id, witness, line, at)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [checkpointId, witness, line, at],
  );
}
