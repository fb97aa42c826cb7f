import type { Transaction } from "../database/index.ts";

/**
 * Does something in a transaction that can fail alone: what it wrote is taken back, what was written before stays.
 *
 * What is to be done after a commit or a rollback then goes by how this part ended, not the whole.
 */
export async function inSavepoint<T>(
  tx: Transaction,
  work: (within: Transaction) => Promise<T>,
): Promise<T> {
  const announcements: (() => void)[] = [];
  const regrets: (() => void)[] = [];
  await tx.query("SAVEPOINT one");
  try {
    const outcome = await work({
      ...tx,
      afterCommit: (action) => announcements.push(action),
      afterRollback: (action) => regrets.push(action),
    });
    await tx.query("RELEASE SAVEPOINT one");
    announcements.forEach((action) => tx.afterCommit(action));
    regrets.forEach((action) => tx.afterRollback(action));
    return outcome;
  } catch (error) {
    for (const regret of regrets) regret();
    await tx.query("ROLLBACK TO SAVEPOINT one");
    await tx.query("RELEASE SAVEPOINT one");
    throw error;
  }
}
