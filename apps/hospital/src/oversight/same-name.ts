import { readStaffNames } from "../staff/index.ts";
import { isBy, isWithin, joinConditions, type Condition } from "./conditions.ts";
import { OPENED } from "./counted-figures.ts";
import type { FigurePorts, FigureSource } from "./figure-source.ts";
import { openPatients } from "./open-patients.ts";
import type { Week } from "./weeks.ts";

interface Look {
  readonly actor: string;
  readonly patientId: string;
}

/** Patients whose record was opened by somebody of the same last name: a relative, or a coincidence. */
export const sameName: FigureSource = {
  async count(week, ports) {
    const looks = new Map<string, number>();
    for (const { actor } of await listLooks(week, [], ports)) {
      looks.set(actor, (looks.get(actor) ?? 0) + 1);
    }
    return looks;
  },
  async behind(week, actor, ports) {
    const patients = (await listLooks(week, [isBy(actor)], ports)).map(
      ({ patientId }) => patientId,
    );
    return [OPENED, isBy(actor), { text: "e.subject = ANY(?::uuid[])", values: [patients] }];
  },
};

async function listLooks(
  { from, to }: Week,
  more: readonly Condition[],
  { database, keyring }: FigurePorts,
): Promise<readonly Look[]> {
  const { text, values } = joinConditions([isWithin(from, to), OPENED, ...more]);
  const { rows } = await database.query(
    `SELECT DISTINCT e.actor, e.subject FROM audit_events e WHERE ${text} AND e.subject IS NOT NULL`,
    values,
  );
  const looks = rows.map((row) => ({ actor: row.text("actor"), patientId: row.text("subject") }));
  const ids = [...new Set(looks.map(({ patientId }) => patientId))];
  const patients = await openPatients(database, keyring, ids);
  const names = await readStaffNames(database, keyring);
  return looks.filter(({ actor, patientId }) => {
    const staff = lastName(names.get(actor) ?? "");
    return staff !== "" && staff === lastName(patients.get(patientId)?.name ?? "");
  });
}

/** The last word of a name, whatever its case and marks. */
export function lastName(name: string): string {
  const folded = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase("en");
  return folded.split(/[^\p{L}'’-]+/u).findLast((word) => word !== "") ?? "";
}
