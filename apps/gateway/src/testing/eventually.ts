import { expect } from "vitest";

/**
 * Expects something of a value that may take a while to come, also on a machine that is busy with other things.
 *
 * @param look - Looks at the value; called again and again.
 */
export function eventually<T>(look: () => T | Promise<T>) {
  return expect.poll(look, { timeout: 15_000, interval: 20 });
}
