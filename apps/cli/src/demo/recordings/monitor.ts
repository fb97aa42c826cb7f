import path from "node:path";

import { inOrder } from "./recording.ts";
import type { RecordedSample, Recording } from "./recording.ts";
import { numberIn, pressureIn, readTable, sampleIn } from "./table.ts";
import type { Row } from "./table.ts";

/** Reads the bedside monitor of one patient: 32 hours, a row a minute, with cuff pressures. */
export async function readMonitor(folder: string): Promise<readonly Recording[]> {
  const rows = await readTable(path.join(folder, "s00001-numerics.csv"));
  return [
    {
      set: "monitor-s00001",
      record: "s00001",
      source: "recorded",
      age: 60,
      sex: "F",
      problem: "Intensive care, bedside monitor",
      origin: 0,
      samples: inOrder(rows.flatMap(samplesOf)),
    },
  ];
}

function samplesOf(row: Row): readonly RecordedSample[] {
  const offsetMs = (numberIn(row, "elapsed_s") ?? 0) * 1_000;
  return [
    ...sampleIn(row, "HR", { kind: 1, offsetMs }),
    ...sampleIn(row, "PULSE", { kind: 11, offsetMs }),
    ...sampleIn(row, "RESP", { kind: 4, offsetMs }),
    ...sampleIn(row, "SpO2", { kind: 3, offsetMs }),
    ...pressureIn(row, ["NBPSys", "NBPDias", "NBPMean"], offsetMs),
    ...arterialLine(row, offsetMs),
  ];
}

/** Three zeros say that no line was connected: the monitor had no such channel, so there is nothing to send. */
function arterialLine(row: Row, offsetMs: number): readonly RecordedSample[] {
  const names = ["ABPSys", "ABPDias", "ABPMean"] as const;
  if (names.every((name) => numberIn(row, name) === 0)) return [];
  return pressureIn(row, names, offsetMs);
}
