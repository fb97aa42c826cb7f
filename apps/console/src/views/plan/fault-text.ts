import { KINDS } from "@siphms/vitals";
import type { PlanDraft, ReadDraft } from "./plan-draft.ts";
import { limitName, numberName, type PlanWords } from "./plan-words.ts";

/** Says why a draft cannot be saved, and where. */
export function faultText(
  read: Exclude<ReadDraft, { readonly kind: "good" }>,
  draft: PlanDraft,
  words: PlanWords,
): string {
  const { t } = words;
  if (read.kind === "unreadable") return t("unreadable", { count: read.fields.size });
  const { fault, rule } = read.fault;
  return t(`faults.${fault}`, { what: ruleName(rule, draft, words) });
}

function ruleName(rule: string, draft: PlanDraft, words: PlanWords): string {
  const { t, common } = words;
  const limit = draft.limits.find(
    ({ kind, part, side }) => rule === `limit:${kind}:${part}:${side}`,
  );
  if (limit !== undefined) return limitName(words, limit);
  const change = draft.changes.find(
    ({ kind, part, direction }) => rule === `change:${kind}:${part}:${direction}`,
  );
  if (change !== undefined) {
    return t(`directions.${change.direction}`, { number: numberName(words, change) });
  }
  const missing = KINDS.find(({ name }) => rule === `no-data:${name}`);
  if (missing !== undefined) return common(`kind.${missing.name}`);
  return t(rule === "news2" ? "parts.news2" : "parts.device");
}
