import { APPEND_ONLY } from "../database/index.ts";
import type { AroundPorts } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

/**
 * Looks whether what has to be kept can be changed or taken away by the service: the audit log is kept for as long as the
 * database is (six years at least, 45 CFR 164.316), because nobody that runs every day may shorten it.
 */
export async function sweepPrivileges({ database }: AroundPorts): Promise<Sweep> {
  const sweep = createSweep("retention");
  const { rows } = await database.query(
    `SELECT name FROM unnest($1::text[]) AS name
     WHERE has_table_privilege(name, 'UPDATE') OR has_table_privilege(name, 'DELETE')
       OR has_table_privilege(name, 'TRUNCATE')
     ORDER BY name`,
    [APPEND_ONLY],
  );
  for (const row of rows) {
    sweep.find(
      row.text("name"),
      "the service's role may change it; give DATABASE_URL a role of its own and run siphms hospital init with DATABASE_ADMIN_URL",
    );
  }
  return sweep.done(APPEND_ONLY.length);
}
