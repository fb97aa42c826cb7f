import { samplesOfRuns, type ApiSample } from "@siphms/api";
import type { CborMap } from "@siphms/cose";
import { METHODS, type Request, type Series } from "@siphms/messages";
import { fromClinical, kindByName, kindInfo, type Origin, type WireValue } from "@siphms/vitals";
import type { Queryable } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findPatient } from "../patients/index.ts";
import type { Records } from "../records/index.ts";

/** What `history` needs. */
export interface HistoryPorts {
  readonly keyring: Keyring;
  readonly records: Pick<Records, "range">;
}

/** Samples of one answer at most: about 20 kB, which fits into any envelope. */
const MAX_SAMPLES = 1000;
/** Beyond it lies no time that the database holds. */
const END_OF_TIME = 2 ** 48;
const ORIGINS: Readonly<Record<ApiSample["origin"], Origin>> = { sensor: 0, typed: 1, imported: 2 };

/**
 * Answers `history`: the patient's own stored readings in a range of time, `from` included and `to` not, without what
 * stands in quarantine.
 *
 * @throws {MessageError} `PAYLOAD_SCHEMA`
 */
export async function readHistory(
  queryable: Queryable,
  { request, patientId }: { readonly request: Request; readonly patientId: string },
  { keyring, records }: HistoryPorts,
): Promise<CborMap> {
  const wanted = METHODS.history.parameters.parse(request.parameters);
  const patient = await findPatient(queryable, keyring, patientId);
  if (patient === undefined) throw new RangeError("patientId: no such patient");
  const { runs, next } = await records.range(patient, {
    from: Math.min(wanted.from, END_OF_TIME),
    to: Math.min(wanted.to, END_OF_TIME),
    limit: Math.min(Math.max(wanted.limit ?? MAX_SAMPLES, 1), MAX_SAMPLES),
    ...(wanted.kinds === undefined
      ? {}
      : { kinds: wanted.kinds.map((kind) => kindInfo(kind).name) }),
  });
  const good = runs.filter((run) => run.state !== "quarantined");
  const series = groupSamples(samplesOfRuns(good));
  return METHODS.history.result.encode(
    next === undefined ? { series } : { series, nextFrom: next },
  );
}

/** One series for each kind and origin, in the order in which they first appear. Samples have to be in time order. */
function groupSamples(samples: readonly ApiSample[]): readonly Series[] {
  const groups = new Map<string, ApiSample[]>();
  for (const sample of samples) {
    const key = `${sample.kind}/${sample.origin}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sample]);
    else group.push(sample);
  }
  return [...groups.values()].flatMap((group) => toSeries(group) ?? []);
}

function toSeries(group: readonly ApiSample[]): Series | undefined {
  const [first] = group;
  const kind = first === undefined ? undefined : kindByName(first.kind)?.kind;
  if (first === undefined || kind === undefined) return undefined;
  const times = group.map(({ at }) => at);
  return {
    kind,
    start: first.at,
    deltas: times.map((at, index) => at - (times[index - 1] ?? at)),
    values: group.map(({ value }) => toWire(kind, value)),
    origin: ORIGINS[first.origin],
  };
}

function toWire(kind: Series["kind"], value: ApiSample["value"]): WireValue {
  return fromClinical(kind, value);
}
