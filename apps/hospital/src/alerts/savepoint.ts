import type { Transaction } from "../database/index.ts";

/** Does something in a transaction that can fail alone: what it wrote is taken back, what was written before stays. */
export async function inSavepoint<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
  await tx.query("SAVEPOINT one");
  try {
    const outcome = await work();
    await tx.query("RELEASE SAVEPOINT one");
    return outcome;
  } catch (error) {
    await tx.query("ROLLBACK TO SAVEPOINT one");
    await tx.query("RELEASE SAVEPOINT one");
    throw error;
  }
}
