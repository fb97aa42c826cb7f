import { checkEntryProof } from "@siphms/audit";

import type { CommandContext } from "../commands/context.ts";
import { table } from "../output.ts";
import { entryRows, timeText } from "./finding-text.ts";
import { explained, readFileOf, readPolicyFile } from "./open-log.ts";

/** Options of `siphms audit check-proof`. */
export interface CheckProofOptions {
  readonly policy: string;
  readonly json?: true;
}

/** Checks a proof without any server, and shows the entry that it proves. @throws {CliError} when it proves nothing. */
export async function checkAuditProof(
  file: string,
  options: CheckProofOptions,
  { output }: CommandContext,
): Promise<void> {
  const bytes = await readFileOf(file);
  const proven = await explained(async () =>
    checkEntryProof(bytes, await readPolicyFile(options.policy)),
  );
  const { origin, size } = proven.checkpoint;
  const cosigned = proven.cosignatures.map(({ witness, timestampS }) => ({
    witness: witness.name,
    at: timestampS * 1_000,
  }));
  const rows = entryRows(proven);
  if (options.json) {
    const entry = Object.fromEntries(rows);
    output.print(JSON.stringify({ ok: true, origin, size, index: proven.index, cosigned, entry }));
    return;
  }
  output.print(table(rows));
  const witnesses = cosigned.map(({ witness, at }) => `${witness} at ${timeText(at)}`);
  output.print(
    `Logged in ${origin}, in its first ${size} entries, cosigned by ${witnesses.length === 0 ? "nobody" : witnesses.join(", ")}.`,
  );
}
