import { storageError, type Database } from "./database.ts";
import { commit } from "./write.ts";

/** Removes everything that the app keeps, in one durable step. @throws {PatientError} `STORE_FAILED`. */
export async function eraseDatabase(database: Database): Promise<void> {
  const transaction = begin(database);
  await commit(transaction, async () => {
    await Promise.all([
      transaction.objectStore("vault").clear(),
      transaction.objectStore("entries").clear(),
    ]);
  });
}

function begin(database: Database) {
  try {
    return database.transaction(["vault", "entries"], "readwrite", { durability: "strict" });
  } catch (error) {
    throw storageError(error);
  }
}
