import type { LogKey } from "./log-keys.ts";

/** A witness of the audit log, as the settings name it. */
export interface NamedWitness {
  /** The name of its key. */
  readonly name: string;
  /** Its verifier key as text. */
  readonly key: string;
  /** What `/add-checkpoint` is appended to. */
  readonly url: string;
}

/**
 * Whose signatures count: every log key, and all witnesses.
 *
 * @see tlog-policy
 */
export function describePolicy(
  keys: readonly LogKey[],
  witnesses: readonly NamedWitness[],
): string {
  const names = witnesses.map((_, at) => `witness-${String(at + 1)}`);
  const lines = [
    ...keys.map(({ vkey }) => `log ${vkey}`),
    ...witnesses.map(({ key, url }, at) => `witness ${names[at] ?? ""} ${key} ${url}`),
    ...(names.length > 1 ? [`group all-witnesses all ${names.join(" ")}`] : []),
    `quorum ${names.length > 1 ? "all-witnesses" : (names[0] ?? "none")}`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}
