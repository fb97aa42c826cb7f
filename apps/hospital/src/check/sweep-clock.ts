import type { AroundPorts } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

/** Evidence says when something was; clocks that are further apart make it worth less. */
const MAX_APART_MS = 5_000;

/** Compares the hospital's clock with the database's, and with the newest entry of the audit log. */
export async function sweepClock({ database, clock }: AroundPorts): Promise<Sweep> {
  const sweep = createSweep("clock");
  const before = clock.now();
  const { rows } = await database.query(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now,
       (SELECT at FROM audit_events ORDER BY id DESC LIMIT 1) AS newest`,
  );
  const after = clock.now();
  const [row] = rows;
  const there = row?.number("now") ?? after;
  // Asking takes time; only what lies outside of it is the clocks' own.
  const apart = Math.max(before - there, there - after);
  if (apart > MAX_APART_MS) {
    sweep.find(
      "database",
      `its clock and the hospital's are ${seconds(apart)} s apart; let both follow a time server`,
    );
  }
  const newest = row?.numberOrNull("newest") ?? 0;
  if (newest - after > MAX_APART_MS) {
    sweep.find(
      "audit log",
      `its newest entry lies ${seconds(newest - after)} s in the future: a clock was put back`,
    );
  }
  return sweep.done(2);
}

function seconds(ms: number): string {
  return String(Math.round(ms / 1000));
}
