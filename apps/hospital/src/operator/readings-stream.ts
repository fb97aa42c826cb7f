import { samplesOfRuns, type OperatorSample } from "@siphms/api";
import type { Patient } from "../patients/index.ts";
import type { Records } from "../records/index.ts";

const PAGE = 5000;

/** A patient's samples as lines of JSON, page after page, so that a long record needs no memory. */
export async function* readingLines(
  records: Records,
  patient: Patient,
  range: { readonly from: number; readonly to: number; readonly kinds?: readonly string[] },
): AsyncGenerator<string, void, undefined> {
  let from: number | undefined = range.from;
  while (from !== undefined) {
    const { runs, next } = await records.range(patient, { ...range, from, limit: PAGE });
    const lines = samplesOfRuns(runs).map(({ kind, at, value, unit, origin, state, reason }) => {
      const line: OperatorSample = {
        kind,
        at,
        value,
        unit,
        origin,
        state,
        ...(reason === undefined ? {} : { reason }),
      };
      return `${JSON.stringify(line)}\n`;
    });
    if (lines.length > 0) yield lines.join("");
    from = next;
  }
}
