import type { SqlValue } from "../database/index.ts";

/** A condition on entries of the audit log, which are named `e`. Its text is a constant of ours, with `?` for each value. */
export interface Condition {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** Several conditions as one WHERE clause with numbered parameters, and its values in their order. */
export function joinConditions(conditions: readonly Condition[]): Condition {
  let number = 0;
  const texts = conditions.map(({ text }) =>
    text.replaceAll("?", () => {
      number += 1;
      return `$${String(number)}`;
    }),
  );
  return { text: texts.join(" AND "), values: conditions.flatMap(({ values }) => values) };
}

/** Entries of a span of time; `to` is not included. */
export function isWithin(from: number, to: number): Condition {
  return { text: "e.at >= ? AND e.at < ?", values: [from, to] };
}

/** Entries of one actor. For staff in words that the index of their entries takes. */
export function isBy(actor: string): Condition {
  const text = actor.startsWith("staff:")
    ? "e.actor = ? AND e.actor LIKE 'staff:%'"
    : "e.actor = ?";
  return { text, values: [actor] };
}
