import { ACTIVITY_FIGURES, type ActivityFigure, type Role } from "@siphms/api";
import { auditNameOfStaff } from "../audit/index.ts";
import { listStaff } from "../staff/index.ts";
import { emergencies, exported, night, records } from "./counted-figures.ts";
import type { FigurePorts, FigureSource } from "./figure-source.ts";
import { judge, NO_COUNTS, type Counts, type Judged } from "./judge.ts";
import { logIns } from "./log-ins.ts";
import { noRelation } from "./no-relation.ts";
import { sameName } from "./same-name.ts";
import type { Week } from "./weeks.ts";

/** Where each figure comes from. */
export const FIGURES: Readonly<Record<ActivityFigure, FigureSource>> = {
  records,
  night,
  emergencies,
  "no-relation": noRelation,
  "same-name": sameName,
  exports: exported,
  "log-ins": logIns,
};

/** What everybody did in a week who did anything that is counted, judged against the others. */
export async function readActivity(week: Week, ports: FigurePorts): Promise<readonly Judged[]> {
  const counted = new Map<string, Counts>();
  for (const figure of ACTIVITY_FIGURES) {
    for (const [actor, count] of await FIGURES[figure].count(week, ports)) {
      counted.set(actor, { ...(counted.get(actor) ?? NO_COUNTS), [figure]: count });
    }
  }
  const staff = await listStaff(ports.database, ports.keyring);
  const known = new Map<string, { readonly name: string; readonly role: Role }>(
    staff.map(({ id, name, role }) => [auditNameOfStaff(id), { name, role }]),
  );
  return judge(
    [...counted].map(([actor, counts]) => ({
      actor,
      name: known.get(actor)?.name,
      role: known.get(actor)?.role,
      counts,
    })),
  );
}
