import { toBase64Url } from "@siphms/cose";
import { hash, parseOptions, verify } from "@node-rs/argon2";
import type { Keyring } from "../keys/index.ts";
import { normalizePassword } from "./password-rules.ts";
import { createTurns } from "./turns.ts";

/** What one hash costs. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** Makes and checks password hashes. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /**
   * Whether a password is the one of a stored hash.
   *
   * @param stored - `undefined` where there is none: takes as long and answers false (SR-09).
   */
  verify(stored: string | undefined, password: string): Promise<boolean>;
  /** Whether a stored hash cost less than hashes do now, so that it is to be made anew (SR-07). */
  isOutdated(stored: string): boolean;
}

/** Over the floor of the OWASP cheat sheet (19 MiB, 2 passes); some 40 ms on one core. */
export const PASSWORD_COST: PasswordCost = { memoryKib: 47_104, passes: 2 };

/** Each takes a core and {@link PASSWORD_COST}; more at once would only take memory, and the other work its threads. */
const AT_ONCE = 2;
/** `Algorithm.Argon2id` of the library, which is a constant that leaves nothing at run time. */
const ARGON2ID = 2;

/**
 * Hashes passwords with Argon2id (RFC 9106).
 *
 * What is hashed is an image of the password under a key of the keyring, the pepper: who has only the database cannot
 * even try passwords. With another key-encryption key no password is right any more.
 */
export function createPasswordHasher(
  keyring: Keyring,
  cost: PasswordCost = PASSWORD_COST,
): PasswordHasher {
  const inTurn = createTurns(AT_ONCE);
  // As text: the library takes nothing else.
  const peppered = (password: string): string =>
    toBase64Url(keyring.blindIndex("staff-password", normalizePassword(password)));
  const options = {
    algorithm: ARGON2ID,
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: 1,
  };
  const make = (password: string): Promise<string> =>
    inTurn(() => hash(peppered(password), options));
  let nobodys: Promise<string> | undefined;
  return {
    hash: make,
    async verify(stored, password) {
      nobodys ??= make("nobody has this password");
      const compared = stored ?? (await nobodys);
      const isRight = await inTurn(() => verify(compared, peppered(password)));
      return isRight && stored !== undefined;
    },
    isOutdated(stored) {
      const { memoryCost, timeCost } = parseOptions(stored);
      return memoryCost < cost.memoryKib || timeCost < cost.passes;
    },
  };
}
