import { toHex, type Bytes } from "@siphms/cose";
import type { OpenedRun } from "./opened-run.ts";
import type { BatchSource } from "./read-batches.ts";
import { BATCH_COLUMNS, openBatch, readBatch, type StoredBatch } from "./stored-batch.ts";

/** Names one message of a patient. Without its device: the message of any of the patient's devices with that id. */
export interface MessageName {
  readonly deviceId?: number;
  readonly messageId: Bytes;
}

/** One stored message with its samples. */
export interface FoundMessage {
  readonly batch: StoredBatch;
  readonly runs: readonly OpenedRun[];
}

/**
 * Finds messages of readings of one patient by their names; refused ones are none.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC` when a cell was changed or moved.
 */
export async function readMessages(
  source: BatchSource,
  names: readonly MessageName[],
): Promise<readonly FoundMessage[]> {
  const { queryable, patientId } = source;
  // By device as well, so that the primary key finds them.
  const { rows } = await queryable.query(
    `SELECT ${BATCH_COLUMNS} FROM devices d JOIN batches b ON b.device_id = d.id
     WHERE d.patient_id = $1 AND b.patient_id = $1 AND b.outcome < 3
       AND b.message_id = ANY($2::bytea[])`,
    [patientId, names.map(({ messageId }) => messageId)],
  );
  const wanted = new Map<string, (number | undefined)[]>();
  for (const { deviceId, messageId } of names) {
    const key = toHex(messageId);
    wanted.set(key, [...(wanted.get(key) ?? []), deviceId]);
  }
  return rows
    .map(readBatch)
    .filter(({ deviceId, messageId }) =>
      wanted.get(toHex(messageId))?.some((one) => one === undefined || one === deviceId),
    )
    .map((batch) => ({ batch, runs: openBatch(batch, source) }));
}
