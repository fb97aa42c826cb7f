import { samplesOfRuns, type OperatorSample } from "@siphms/api";
import { ProblemError } from "../http/index.ts";
import type { Patient } from "../patients/index.ts";
import type { Records } from "../records/index.ts";

const PAGE = 5000;

/**
 * A patient's samples as lines of JSON, page after page, so that a long record needs no memory. Before each page `mayGoOn` is
 * asked; where it says no the stream breaks off, so that nobody takes what came for the whole.
 *
 * @throws {ProblemError} `not-allowed`
 */
export async function* readingLines(
  records: Records,
  patient: Patient,
  {
    mayGoOn,
    ...range
  }: {
    readonly from: number;
    readonly to: number;
    readonly kinds?: readonly string[];
    readonly mayGoOn: () => Promise<boolean>;
  },
): AsyncGenerator<string, void, undefined> {
  let from: number | undefined = range.from;
  while (from !== undefined) {
    if (!(await mayGoOn())) throw new ProblemError("not-allowed");
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
