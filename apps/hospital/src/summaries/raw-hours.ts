import { readBatches, type BatchRange, type BatchSource } from "../records/index.ts";
import { addRun, type Tallies, type Tally } from "./tally.ts";

/** What hours hold, worked out from the messages themselves. */
export interface RawHours {
  /** Hours that hold samples, by their beginnings, ms. */
  readonly hours: ReadonlyMap<number, Tallies>;
  /** How many messages were opened for it. */
  readonly opened: number;
  /** False where there were more messages than allowed: then nothing is known for sure. */
  readonly isWhole: boolean;
}

/**
 * Works out what the hours of a range hold.
 *
 * @param range - Begins and ends with an hour.
 * @param maxMessages - How many messages may be opened.
 * @throws {KeyError} `CELL_UNAUTHENTIC` when a message was changed or moved.
 */
export async function tallyHours(
  source: BatchSource,
  range: BatchRange,
  maxMessages: number = Number.POSITIVE_INFINITY,
): Promise<RawHours> {
  const hours = new Map<number, Map<number, Tally>>();
  let opened = 0;
  for await (const page of readBatches(source, range)) {
    opened += page.opened;
    if (opened > maxMessages) return { hours, opened, isWhole: false };
    for (const { run } of page.runs) addRun(hours, run);
  }
  return { hours, opened, isWhole: true };
}
