import { InvalidArgumentError, type Command } from "commander";

import { checkAuditProof, type CheckProofOptions } from "../audit-log/check-proof.ts";
import { exportAudit } from "../audit-log/export-audit.ts";
import { proveAudit, type ProveOptions } from "../audit-log/prove-audit.ts";
import { verifyAudit, type VerifyOptions } from "../audit-log/verify-audit.ts";
import { showWitnesses } from "../audit-log/show-witnesses.ts";
import type { LogOptions } from "../audit-log/open-log.ts";
import type { CommandContext } from "./context.ts";
import { addMergeCommand } from "./emergency.ts";
import { exampleText, operatorCommand } from "./with-operator.ts";

/** Adds `siphms audit verify | prove | check-proof | export | witness | merge`. */
export function addAuditCommands(program: Command, context: CommandContext): void {
  const audit = program
    .command("audit")
    .description("read the audit log: is it whole, is an entry in it, take it elsewhere");
  addVerify(audit, context);
  addProve(audit, context);
  addCheckProof(audit, context);
  addExport(audit, context);
  addWitness(audit, context);
  addMergeCommand(audit, context);
}

function addVerify(audit: Command, context: CommandContext): void {
  logCommand(
    audit
      .command("verify")
      .description(
        "read every entry and compare all with what was signed and cosigned; of a running hospital its records and its witnesses too. " +
          "Exit code 1 names the first bad index, or two checkpoints that contradict each other.",
      ),
    "siphms audit verify --policy hospital.policy --remember checkpoint.txt",
  )
    .option(
      "--known <file>",
      "a checkpoint from elsewhere, which must fit; may be repeated",
      (file: string, files: readonly string[] | undefined) => [...(files ?? []), file],
    )
    .option(
      "--remember <file>",
      "compare with the checkpoint in this file, and keep the newest there when all is well",
    )
    .action((options: VerifyOptions) => verifyAudit(options, context));
}

function addProve(audit: Command, context: CommandContext): void {
  logCommand(
    audit
      .command("prove")
      .argument("<index>", "the entry's place in the log, from 0", parseIndex)
      .description("make a proof that one entry is logged, for whoever has no access to the log"),
    "siphms audit prove 4711 --out entry-4711.tlog-proof",
  )
    .option("--out <file>", "write the proof there; printed otherwise")
    .action((index: number, options: ProveOptions) => proveAudit(index, options, context));
}

function addCheckProof(audit: Command, context: CommandContext): void {
  const example = "siphms audit check-proof entry-4711.tlog-proof --policy hospital.policy";
  audit
    .command("check-proof <file>")
    .description("check such a proof, without any server, and show its entry")
    .requiredOption("--policy <file>", "whose signatures count: tlog-policy")
    .option("--json", "print JSON for machines")
    .addHelpText("after", exampleText(example))
    .action((file: string, options: CheckProofOptions) => checkAuditProof(file, options, context));
}

function addExport(audit: Command, context: CommandContext): void {
  operatorCommand(
    audit
      .command("export <folder>")
      .description(
        "copy the whole log into a folder (tlog-tiles) and verify the copy; again into the same folder: what is new",
      ),
    "siphms audit export audit-2026",
  )
    .option("--policy <file>", "whose signatures count: tlog-policy")
    .action((folder: string, options: LogOptions) => exportAudit(folder, options, context));
}

function addWitness(audit: Command, context: CommandContext): void {
  operatorCommand(
    audit
      .command("witness")
      .description("ask the witnesses now whether they have cosigned this very log"),
    "siphms audit witness",
  )
    .option("--policy <file>", "which witnesses: tlog-policy")
    .action((options: LogOptions) => showWitnesses(options, context));
}

function logCommand(command: Command, example: string): Command {
  return operatorCommand(command, example)
    .option("--from <folder>", "an export instead of the running hospital")
    .option("--policy <file>", "whose signatures count: tlog-policy");
}

/** Reads an index of the log. @throws {InvalidArgumentError} when it is none. */
function parseIndex(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number from 0, as verify and the console show it.");
}
