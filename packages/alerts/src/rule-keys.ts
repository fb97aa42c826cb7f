import type { KindName } from "@siphms/vitals";
import type { RuleKey } from "./alert.ts";
import type { ChangeRule, LimitRule } from "./plan.ts";

/** The key of what is known of a limit: one for each number and side, whatever its level. */
export function limitKey({ kind, part, side }: Pick<LimitRule, "kind" | "part" | "side">): RuleKey {
  return `limit:${kind}:${part}:${side}`;
}

/** The key of what is known of a change: one for each number and direction. */
export function changeKey({
  kind,
  part,
  direction,
}: Pick<ChangeRule, "kind" | "part" | "direction">): RuleKey {
  return `change:${kind}:${part}:${direction}`;
}

/** The key of a kind that is no longer measured. */
export function noDataKey(kind: KindName): RuleKey {
  return `no-data:${kind}`;
}
