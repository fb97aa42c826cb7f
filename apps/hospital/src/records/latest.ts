import { samplesOfRuns, type ApiSample, type LatestValue, type SampleRun } from "@siphms/api";
import { KINDS, type Kind } from "@siphms/vitals";
import { describeDecided } from "./describe-decided.ts";
import { summariseQuarantine } from "./held.ts";
import { keyOfMessage } from "./message-name.ts";
import type { OpenedRun } from "./opened-run.ts";
import type { BatchSource } from "./read-batches.ts";
import { BATCH_COLUMNS, openBatch, readBatch } from "./stored-batch.ts";

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
  const mask = rows[0]?.number("kinds") ?? 0;
  const sent = KINDS.map(({ kind }) => kind).filter((kind) => (mask & (1 << kind)) !== 0);
  const newest: ApiSample[] = [];
  let missing = sent;
  for (let page = 0; page < MAX_PAGES && missing.length > 0; page++) {
    const found = await readNewest(source, missing, page);
    newest.push(...found.flatMap(({ sample }) => sample ?? []));
    missing = found.flatMap(({ kind, sample, isLast }) =>
      sample === undefined && !isLast ? [kind] : [],
    );
  }
  const quarantine = await summariseQuarantine(queryable, patientId, source.decisions);
  return {
    values: mergeSamples([], newest),
    lastContact: rows[0]?.numberOrNull("last_contact") ?? null,
    quarantinedSamples: quarantine.total,
  };
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

/** What a page of one kind's newest messages came to. */
interface NewestOfKind {
  readonly kind: Kind;
  /** The newest good one among them. */
  readonly sample: ApiSample | undefined;
  /** There are no older messages of that kind. */
  readonly isLast: boolean;
}

/** Looks for each kind at the next page of its newest messages, all in one question: a worklist asks it for each patient. */
async function readNewest(
  source: BatchSource,
  kinds: readonly Kind[],
  page: number,
): Promise<readonly NewestOfKind[]> {
  const { queryable, patientId, decisions } = source;
  // A message of which nothing was good counts again where a doctor has released something of it.
  const released = decisions.all.filter((decision) => decision.kind === "released");
  const { rows } = await queryable.query(
    `SELECT k.kind, b.* FROM unnest($2::int[]) AS k (kind) CROSS JOIN LATERAL (
       SELECT ${BATCH_COLUMNS} FROM batches b JOIN devices d ON d.id = b.device_id
       WHERE b.patient_id = $1 AND b.kinds & (1 << k.kind) <> 0 AND (b.outcome < 2
         OR (b.device_id, b.message_id) IN (SELECT * FROM unnest($5::bigint[], $6::bytea[])))
       ORDER BY b.start_at DESC, b.message_id DESC LIMIT $3 OFFSET $4) b`,
    [
      ...[patientId, kinds, PAGE, page * PAGE],
      released.map(({ deviceId }) => deviceId),
      released.map(({ messageId }) => messageId),
    ],
  );
  const opened = new Map<string, readonly OpenedRun[]>();
  const found: NewestOfKind[] = [];
  for (const kind of kinds) {
    const own = rows.filter((row) => row.number("kind") === kind).map(readBatch);
    const runs: SampleRun[] = [];
    for (const batch of own) {
      const key = keyOfMessage(batch);
      const all = opened.get(key) ?? openBatch(batch, source);
      opened.set(key, all);
      const good = all.filter((run) => run.kind === kind && run.state !== "quarantined");
      for (const run of good) runs.push(await describeDecided(run, batch, decisions));
    }
    found.push({ kind, sample: samplesOfRuns(runs).at(-1), isLast: own.length < PAGE });
  }
  return found;
}
