import type { RuleKey } from "./alert.ts";
import type { ChangeRule, LimitRule, Plan } from "./plan.ts";
import { quantityOf, type Quantity } from "./quantity.ts";
import { changeKey, limitKey } from "./rule-keys.ts";

/** A limit with its key. */
export interface WatchedLimit {
  readonly key: RuleKey;
  readonly quantity: Quantity;
  readonly rule: LimitRule;
}

/** A change with its key. */
export interface WatchedChange {
  readonly key: RuleKey;
  readonly quantity: Quantity;
  readonly rule: ChangeRule;
}

/** A plan's rules by their keys and by the numbers that they are about. */
export interface WatchList {
  readonly limits: ReadonlyMap<RuleKey, WatchedLimit>;
  readonly changes: ReadonlyMap<RuleKey, WatchedChange>;
  readonly limitsOf: ReadonlyMap<Quantity, readonly WatchedLimit[]>;
  readonly changesOf: ReadonlyMap<Quantity, readonly WatchedChange[]>;
}

/** Plans do not change, and the same one is evaluated again and again. */
const LISTS = new WeakMap<Plan, WatchList>();

/** Finds the rules of a plan by key and by number. */
export function watchListOf(plan: Plan): WatchList {
  const known = LISTS.get(plan);
  if (known !== undefined) return known;
  const limits = plan.limits.map((rule) => ({
    key: limitKey(rule),
    quantity: quantityOf(rule),
    rule,
  }));
  const changes = plan.changes.map((rule) => ({
    key: changeKey(rule),
    quantity: quantityOf(rule),
    rule,
  }));
  const list = {
    limits: new Map(limits.map((one) => [one.key, one])),
    changes: new Map(changes.map((one) => [one.key, one])),
    limitsOf: byQuantity(limits),
    changesOf: byQuantity(changes),
  };
  LISTS.set(plan, list);
  return list;
}

function byQuantity<T extends { readonly quantity: Quantity }>(
  rules: readonly T[],
): ReadonlyMap<Quantity, readonly T[]> {
  const groups = new Map<Quantity, T[]>();
  for (const rule of rules) groups.set(rule.quantity, [...(groups.get(rule.quantity) ?? []), rule]);
  return groups;
}
