import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../commands/context.ts";
import { table, withProgress } from "../output.ts";
import { askWitnesses } from "./ask-witnesses.ts";
import { describeSaying, isContradiction } from "./finding-text.ts";
import { withLog, type LogOptions } from "./open-log.ts";

/** Asks the witnesses about the running hospital's log, and prints what each says. @throws {CliError} unless all agree. */
export async function showWitnesses(
  options: LogOptions,
  { output }: CommandContext,
): Promise<void> {
  const task = withLog(options, output, ({ source, trust }) =>
    askWitnesses({ source, ...trust, fetch }),
  );
  const sayings = await withProgress(output, "Asking the witnesses", task);
  if (options.json) output.print(JSON.stringify({ witnesses: sayings }));
  else if (sayings.length > 0) {
    const rows = sayings.map((saying) => [saying.witness, saying.url, describeSaying(saying)]);
    output.print(table([["WITNESS", "ADDRESS", "SAYS"], ...rows]));
  }
  if (sayings.length === 0) {
    throw new CliError(
      "The policy names no witness that can be asked. SIPHMS_HOSPITAL_WITNESSES names the hospital's.",
    );
  }
  const others = sayings.filter((saying) =>
    // One that has left an older key behind has nothing to agree with.
    saying.log === undefined ? saying.state !== "agrees" : isContradiction(saying),
  ).length;
  if (others > 0) throw new CliError(`${others} of ${sayings.length} witnesses do not agree.`);
}
