import type { Counters } from "@siphms/api";
import type { Queryable } from "../database/index.ts";

/** Counts what was taken and what was refused, from what is stored. */
export async function countIngest(queryable: Queryable): Promise<Counters> {
  const totals = await queryable.query(
    `SELECT count(*) AS batches, coalesce(sum(samples), 0)::bigint AS stored,
       coalesce(sum(quarantined), 0)::bigint AS quarantined
     FROM batches WHERE outcome < 3`,
  );
  const [row] = totals.rows;
  return {
    batches: row?.number("batches") ?? 0,
    stored: row?.number("stored") ?? 0,
    quarantined: row?.number("quarantined") ?? 0,
    quarantineReasons: await countBy(
      queryable,
      "SELECT reason, sum(samples)::bigint AS count FROM quarantine GROUP BY reason ORDER BY reason",
    ),
    refused: await countBy(
      queryable,
      `SELECT reason, sum(count)::bigint AS count FROM (
         SELECT reason, count FROM refused
         UNION ALL SELECT coalesce(reason, 'other'), 1 FROM batches WHERE outcome = 3) AS all_refused
       GROUP BY reason ORDER BY reason`,
    ),
  };
}

async function countBy(queryable: Queryable, text: string): Promise<Record<string, number>> {
  const { rows } = await queryable.query(text);
  return Object.fromEntries(rows.map((row) => [row.text("reason"), row.number("count")]));
}
