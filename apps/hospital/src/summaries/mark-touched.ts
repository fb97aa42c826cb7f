import type { NamedMessage } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { markDueHours } from "./due-hours.ts";
import { readTouchedHours } from "./touched-hours.ts";

/**
 * Has the summaries made anew that some messages touch, because other samples of them count from this transaction on.
 *
 * Waits for what is being made: an hour that is marked already would otherwise be made without this change and unmarked.
 */
export async function markTouched(
  tx: Transaction,
  messages: readonly NamedMessage[],
  keyring: Keyring,
): Promise<void> {
  await tx.query("SELECT done_id FROM summary_progress FOR UPDATE");
  await markDueHours(tx, await readTouchedHours(tx, messages, keyring));
}
