import { stat } from "node:fs/promises";
import path from "node:path";

import { readBidmc } from "./bidmc.ts";
import { readHome } from "./home.ts";
import { readIcu } from "./icu.ts";
import { readMonitor } from "./monitor.ts";
import type { Recording } from "./recording.ts";
import { readSepsis } from "./sepsis.ts";

/** The data sets that the demo can play, by the names of their folders. */
const READERS: Readonly<Record<string, (folder: string) => Promise<readonly Recording[]>>> = {
  bidmc: readBidmc,
  "monitor-s00001": readMonitor,
  sepsis2019: readSepsis,
  icu2012: readIcu,
  home2020: readHome,
};

/** What was found in a folder of recordings. */
export interface FoundRecordings {
  readonly recordings: readonly Recording[];
  /** Names of the data sets that are there. */
  readonly sets: readonly string[];
}

/** Reads every data set that lies in `folder`; a set that is not there is left out. */
export async function readRecordings(folder: string): Promise<FoundRecordings> {
  const recordings: Recording[] = [];
  const sets: string[] = [];
  for (const [name, read] of Object.entries(READERS)) {
    const whole = path.join(folder, name);
    if ((await stat(whole).catch(() => undefined)) === undefined) continue;
    recordings.push(...(await read(whole)));
    sets.push(name);
  }
  return { recordings, sets };
}
