import { samplesOfRuns, type ApiSample, type LatestValue } from "@siphms/api";
import { KINDS, type Kind } from "@siphms/vitals";
import type { Queryable } from "../database/index.ts";
import { describeRun } from "./opened-run.ts";
import type { BatchSource } from "./read-batches.ts";
import { BATCH_COLUMNS, nameMessage, openBatch, readBatch } from "./stored-batch.ts";

/** What the worklist shows of a patient's readings. */
export interface Latest {
  /** The newest good value of each kind that has one, in the order of the kinds. */
  readonly values: readonly LatestValue[];
  readonly quarantinedSamples: number;
  /** When the newest batch came, ms; null before the first. */
  readonly lastContact: number | null;
}

/** How many batches of a kind are opened at once while looking for one good value. */
const PAGE = 10;
/** Whoever sends this many batches without a single good value of a kind has none to show. */
const MAX_PAGES = 50;

/** Works out a patient's latest values from the stored batches. */
export async function loadLatest(source: BatchSource): Promise<Latest> {
  const { queryable, patientId } = source;
  const { rows } = await queryable.query(
    `SELECT coalesce(bit_or(kinds), 0) AS kinds, max(received_at) AS last_contact
     FROM batches WHERE patient_id = $1 AND outcome < 3`,
    [patientId],
  );
  const kinds = rows[0]?.number("kinds") ?? 0;
  let values: readonly LatestValue[] = [];
  for (const { kind } of KINDS) {
    if ((kinds & (1 << kind)) === 0) continue;
    const newest = await findNewest(source, kind);
    values = newest === undefined ? values : mergeSamples(values, [newest]);
  }
  return {
    values,
    lastContact: rows[0]?.numberOrNull("last_contact") ?? null,
    quarantinedSamples: await countQuarantined(queryable, patientId),
  };
}

/** How many samples of a patient stand in quarantine. */
export async function countQuarantined(queryable: Queryable, patientId: string): Promise<number> {
  const { rows } = await queryable.query(
    `SELECT coalesce(sum(samples), 0)::bigint AS samples FROM quarantine
     WHERE patient_id = $1 AND state = 'held'`,
    [patientId],
  );
  return rows[0]?.number("samples") ?? 0;
}

/** The latest values after some samples came; quarantined samples never count. Merging twice changes nothing. */
export function mergeSamples(
  values: readonly LatestValue[],
  samples: readonly ApiSample[],
): readonly LatestValue[] {
  const byKind = new Map(values.map((value) => [value.kind, value]));
  for (const { state, kind, at, value, unit, origin } of samples) {
    if (state === "quarantined") continue;
    const known = byKind.get(kind);
    if (known !== undefined && known.at > at) continue;
    byKind.set(kind, { kind, at, value, unit, origin, late: state === "late" });
  }
  return KINDS.flatMap(({ name }) => byKind.get(name) ?? []);
}

async function findNewest(
  { queryable, cipher, patientId, demo }: BatchSource,
  kind: Kind,
): Promise<ApiSample | undefined> {
  for (let page = 0; page < MAX_PAGES; page++) {
    const { rows } = await queryable.query(
      `SELECT ${BATCH_COLUMNS} FROM batches b JOIN devices d ON d.id = b.device_id
       WHERE b.patient_id = $1 AND b.kinds & $2 <> 0 AND b.outcome < 2
       ORDER BY b.start_at DESC, b.message_id DESC LIMIT $3 OFFSET $4`,
      [patientId, 1 << kind, PAGE, page * PAGE],
    );
    const runs = rows.map(readBatch).flatMap((batch) =>
      openBatch(batch, cipher, demo)
        .filter((run) => run.kind === kind && run.state !== "quarantined")
        .map((run) => describeRun(run, nameMessage(batch))),
    );
    const good = samplesOfRuns(runs);
    if (good.length > 0) return good.at(-1);
    if (rows.length < PAGE) return undefined;
  }
  return undefined;
}
