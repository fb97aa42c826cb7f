import type { Transaction } from "../database/index.ts";

/** When devices were last heard of, written now and then. */
export interface Contacts {
  /** Writes those of the devices that were not written for a while. */
  store(
    tx: Transaction,
    heard: { readonly deviceIds: readonly number[]; readonly now: number },
  ): Promise<void>;
}

/** "Last seen" is shown in minutes: writing it with each message would cost as much as the message. */
const INTERVAL_MS = 30_000;
/** Devices remembered; forgetting them costs rows written too often. */
const MAX_DEVICES = 100_000;

/** Creates the memory of when contacts were last written. */
export function createContacts(): Contacts {
  const written = new Map<number, number>();
  return {
    async store(tx, { deviceIds, now }) {
      const due = new Set(
        deviceIds.filter(
          (id) => now - (written.get(id) ?? Number.NEGATIVE_INFINITY) >= INTERVAL_MS,
        ),
      );
      if (due.size === 0) return;
      await tx.query(
        `INSERT INTO device_contacts (device_id, last_seen_at) SELECT id, $2 FROM unnest($1::bigint[]) AS w (id)
         ON CONFLICT (device_id) DO UPDATE
           SET last_seen_at = greatest(device_contacts.last_seen_at, EXCLUDED.last_seen_at)`,
        [[...due], now],
      );
      tx.afterCommit(() => {
        if (written.size > MAX_DEVICES) written.clear();
        for (const id of due) written.set(id, now);
      });
    },
  };
}
