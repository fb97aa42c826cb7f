import { samplesOfRuns, type ApiSample, type LatestValue, type SampleRun } from "@siphms/api";
import { KINDS, type Kind } from "@siphms/vitals";
import type { Queryable } from "../database/index.ts";
import type { Decisions } from "./decisions.ts";
import { summariseQuarantine } from "./held.ts";
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
    quarantinedSamples: await countQuarantined(queryable, patientId, source.decisions),
  };
}

/** How many samples of a patient stand in quarantine and wait for a decision. */
export async function countQuarantined(
  queryable: Queryable,
  patientId: string,
  decisions: Decisions,
): Promise<number> {
  const { total } = await summariseQuarantine(queryable, patientId, decisions);
  return total;
}

/** The latest values after some samples came; quarantined samples never count. Merging twice changes nothing. */
export function mergeSamples(
  values: readonly LatestValue[],
  samples: readonly ApiSample[],
): readonly LatestValue[] {
  const byKind = new Map(values.map((value) => [value.kind, value]));
  for (const { state, kind, at, value, unit, origin, decision } of samples) {
    if (state === "quarantined") continue;
    const known = byKind.get(kind);
    if (known !== undefined && known.at > at) continue;
    const mark = decision?.kind === "released" ? { released: true as const } : {};
    byKind.set(kind, { kind, at, value, unit, origin, late: state === "late", ...mark });
  }
  return KINDS.flatMap(({ name }) => byKind.get(name) ?? []);
}

async function findNewest(source: BatchSource, kind: Kind): Promise<ApiSample | undefined> {
  const { queryable, patientId, decisions } = source;
  // A message of which nothing was good counts again where a doctor has released something of it.
  const released = decisions.all.filter((decision) => decision.kind === "released");
  for (let page = 0; page < MAX_PAGES; page++) {
    const { rows } = await queryable.query(
      `SELECT ${BATCH_COLUMNS} FROM batches b JOIN devices d ON d.id = b.device_id
       WHERE b.patient_id = $1 AND b.kinds & $2 <> 0 AND (b.outcome < 2
         OR (b.device_id, b.message_id) IN (SELECT * FROM unnest($5::bigint[], $6::bytea[])))
       ORDER BY b.start_at DESC, b.message_id DESC LIMIT $3 OFFSET $4`,
      [
        ...[patientId, 1 << kind, PAGE, page * PAGE],
        released.map(({ deviceId }) => deviceId),
        released.map(({ messageId }) => messageId),
      ],
    );
    const runs: SampleRun[] = [];
    for (const batch of rows.map(readBatch)) {
      for (const run of openBatch(batch, source)) {
        if (run.kind !== kind || run.state === "quarantined") continue;
        const { decision } = run;
        const name = nameMessage(batch);
        const decided =
          decision === undefined ? name : { ...name, decision: await decisions.describe(decision) };
        runs.push(describeRun(run, decided));
      }
    }
    const good = samplesOfRuns(runs);
    if (good.length > 0) return good.at(-1);
    if (rows.length < PAGE) return undefined;
  }
  return undefined;
}
