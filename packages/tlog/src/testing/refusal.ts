import { TlogError, type TlogErrorCode } from "../tlog-error.ts";

/** The code with which a call is refused; `undefined` when it is not. Other errors pass through. */
export function codeOf(call: () => unknown): TlogErrorCode | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof TlogError) return error.code;
    throw error;
  }
  return undefined;
}

/** {@link codeOf} for promises. */
export async function codeOfPromise(promise: Promise<unknown>): Promise<TlogErrorCode | undefined> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TlogError) return error.code;
    throw error;
  }
  return undefined;
}
