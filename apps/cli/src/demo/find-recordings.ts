import { stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { wrongUse } from "../cli-error.ts";
import { readRecordings } from "./recordings/all.ts";
import type { Recording } from "./recordings/recording.ts";
import { inventPatients } from "./synthetic.ts";

/** The invented patients are the same at each start. */
const SEED = 20_260_301;

/** The recordings that the demo plays. */
export interface FoundPatients {
  readonly recordings: readonly Recording[];
  readonly synthetic: boolean;
  /** One line for the person at the terminal. */
  readonly says: string;
}

/** In the place of a folder: play no recordings, even where there are some. */
const NONE = "none";

/**
 * Looks for recordings: in the folder that was named, else beside the project; where there are none, invents patients.
 *
 * @param named - `--recordings`, or `SIPHMS_RECORDINGS`; `none` for invented patients.
 * @throws {CliError} with exit code 2 when a folder was named that is not there.
 */
export async function findDemoPatients(named: string | undefined): Promise<FoundPatients> {
  if (named === NONE) return invented("");
  const usual = fileURLToPath(new URL("../../../../../shared/data/vitals", import.meta.url));
  const folder = path.resolve(named ?? usual);
  if (named !== undefined && (await stat(folder).catch(() => undefined)) === undefined) {
    throw wrongUse(
      `There is no folder ${folder}. Correct --recordings (or SIPHMS_RECORDINGS), ` +
        "or say --recordings none for invented patients.",
    );
  }
  const { recordings, sets } = await readRecordings(folder);
  if (recordings.length === 0) return invented(`No recordings in ${folder}: `);
  const says = `${recordings.length} patients from recordings (${sets.join(", ")}).`;
  return { recordings, synthetic: false, says };
}

function invented(why: string): FoundPatients {
  const recordings = inventPatients(SEED);
  return { recordings, synthetic: true, says: `${why}${recordings.length} invented patients.` };
}
