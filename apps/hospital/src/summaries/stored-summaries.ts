import type { SummarySpan } from "@siphms/api";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { PatientCipher } from "../keys/index.ts";
import { openSummary, sealSummary, type Period } from "./summary-cell.ts";
import { DAY_MS, type Tallies } from "./tally.ts";

/** Whose summaries, and what opens them. */
export interface SummaryOwner {
  readonly patientId: string;
  readonly cipher: PatientCipher;
}

/** Summaries by the beginnings of their periods, ms. */
export type Summaries = ReadonlyMap<number, Tallies>;

/**
 * Reads the summaries of one span that begin in a range, `from` included and `to` not.
 *
 * @param range.limit - Most that are read.
 * @throws {KeyError} `CELL_UNAUTHENTIC` when one was changed or moved.
 */
export async function loadSummaries(
  queryable: Queryable,
  owner: SummaryOwner,
  range: {
    readonly span: SummarySpan;
    readonly from: number;
    readonly to: number;
    readonly limit: number;
  },
): Promise<Summaries> {
  const { rows } = await queryable.query(
    `SELECT start_at, sealed FROM summaries
     WHERE patient_id = $1 AND span = $2 AND start_at >= $3 AND start_at < $4
     ORDER BY start_at LIMIT $5`,
    [owner.patientId, range.span, range.from, range.to, range.limit],
  );
  return openAll(rows, owner, range.span);
}

/** Reads the hours of some days. @throws {KeyError} `CELL_UNAUTHENTIC` */
export async function loadHoursOfDays(
  queryable: Queryable,
  owner: SummaryOwner,
  days: readonly number[],
): Promise<Summaries> {
  const { rows } = await queryable.query(
    `SELECT s.start_at, s.sealed FROM unnest($2::bigint[]) AS d (at) JOIN summaries s
       ON s.patient_id = $1 AND s.span = 'hour' AND s.start_at >= d.at AND s.start_at < d.at + $3`,
    [owner.patientId, days, DAY_MS],
  );
  return openAll(rows, owner, "hour");
}

/** Writes the summaries of some periods; a period that holds nothing loses its row. */
export async function storeSummaries(
  tx: Transaction,
  { patientId, cipher }: SummaryOwner,
  made: {
    readonly span: SummarySpan;
    readonly periods: ReadonlyMap<number, Tallies | undefined>;
    readonly now: number;
  },
): Promise<void> {
  const { span, now } = made;
  const full: (readonly [Period, Tallies])[] = [];
  const empty: number[] = [];
  for (const [start, tallies] of made.periods) {
    if (tallies === undefined) empty.push(start);
    else full.push([{ patientId, span, start }, tallies]);
  }
  await tx.query(
    `INSERT INTO summaries (patient_id, span, start_at, sealed, made_at)
     SELECT $1, $2, w.start_at, w.sealed, $5 FROM unnest($3::bigint[], $4::bytea[]) AS w (start_at, sealed)
     ON CONFLICT (patient_id, span, start_at) DO UPDATE SET sealed = EXCLUDED.sealed, made_at = EXCLUDED.made_at`,
    [
      patientId,
      span,
      full.map(([{ start }]) => start),
      full.map(([period, tallies]) => sealSummary(cipher, period, tallies)),
      now,
    ],
  );
  await tx.query(
    "DELETE FROM summaries WHERE patient_id = $1 AND span = $2 AND start_at = ANY($3::bigint[])",
    [patientId, span, empty],
  );
}

function openAll(
  rows: readonly Row[],
  { patientId, cipher }: SummaryOwner,
  span: SummarySpan,
): Summaries {
  return new Map(
    rows.map((row) => {
      const start = row.number("start_at");
      return [start, openSummary(cipher, { patientId, span, start }, row.bytes("sealed"))];
    }),
  );
}
