import type { SampleRun } from "@siphms/api";
import type { Decisions } from "./decisions.ts";
import { nameMessage } from "./message-name.ts";
import { describeRun, type OpenedRun } from "./opened-run.ts";
import type { StoredBatch } from "./stored-batch.ts";

/** A run as interfaces show it, with the message that it came in and what a doctor decided about it. */
export async function describeDecided(
  run: OpenedRun,
  message: Pick<StoredBatch, "kid" | "messageId">,
  decisions: Decisions,
): Promise<SampleRun> {
  const name = nameMessage(message);
  const { decision } = run;
  if (decision === undefined) return describeRun(run, name);
  return describeRun(run, { ...name, decision: await decisions.describe(decision) });
}
