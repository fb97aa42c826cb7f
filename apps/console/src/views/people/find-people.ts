import type { StaffAccount } from "@siphms/api";

/** Accounts whose name has what was typed, active ones first, each group by name. */
export function peopleOf(staff: readonly StaffAccount[], query: string): readonly StaffAccount[] {
  const wanted = query.trim().toLowerCase();
  return staff
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => stateOrder(a) - stateOrder(b) || a.name.localeCompare(b.name));
}

/** Whether two names are of one account: the hospital does not tell capitals apart. */
export function isSameName(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

function stateOrder({ state }: StaffAccount): number {
  return state === "active" ? 0 : 1;
}
