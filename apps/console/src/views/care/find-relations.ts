import type { CareRelations } from "@siphms/api";

/** One patient in somebody's care. */
export type CareRelation = CareRelations["relations"][number];

/** Relations of whose person or record number has what was typed, by person, then by record number. */
export function relationsOf(
  relations: readonly CareRelation[],
  query: string,
): readonly CareRelation[] {
  const wanted = query.trim().toLowerCase();
  return relations
    .filter(({ staff, mrn }) => [staff, mrn].some((text) => text.toLowerCase().includes(wanted)))
    .sort((a, b) => a.staff.localeCompare(b.staff) || a.mrn.localeCompare(b.mrn));
}
