import { DatabaseError } from "../database/index.ts";
import { KeyError } from "../keys/index.ts";

/** What is wrong with a row, or `undefined`. Any error counts: a row that cannot be read is not as it was written. */
export async function faultOf(look: () => unknown): Promise<string | undefined> {
  try {
    await look();
    return undefined;
  } catch (error) {
    if (error instanceof KeyError) return `${error.code}: ${error.message}`;
    if (error instanceof DatabaseError && error.code !== "ROW_SHAPE") throw error;
    return "cannot be read";
  }
}
