import { ADMINISTRATOR_IDLE_LIMIT_MS, IDLE_LIMIT_MS, SESSION_LIFETIME_MS } from "../staff/index.ts";
import type { AroundPorts } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

/** Ended sessions are taken away every ten minutes; one that has stayed for longer is looked at. */
const SWEEP_PATIENCE_MS = 30 * 60_000;

/** Looks for ways in that take one factor alone. */
export async function sweepSecondFactors({ database, settings }: AroundPorts): Promise<Sweep> {
  const sweep = createSweep("second-factor");
  const single = await database.query(
    `SELECT s.id FROM staff s JOIN staff_passwords p ON p.staff_id = s.id
     LEFT JOIN staff_totp t ON t.staff_id = s.id
     WHERE t.staff_id IS NULL AND s.state = 'active' ORDER BY s.id`,
  );
  for (const row of single.rows) {
    sweep.find(`staff:${String(row.number("id"))}`, "has a password and no second factor");
  }
  const { rows } = await database.query(
    `SELECT (SELECT count(*) FROM staff WHERE state = 'active' AND role <> 'integration') AS people,
       (SELECT count(*) FROM staff_sessions WHERE method = 'demo-link') AS links,
       (SELECT count(*) FROM patients WHERE demo_anchor IS NULL) AS patients`,
  );
  const [counts] = rows;
  const links = counts?.number("links") ?? 0;
  if (!settings.demo && links > 0) {
    sweep.find("staff_sessions", `${String(links)} sessions came of a demo's link`);
  }
  if (settings.demo && (counts?.number("patients") ?? 0) > 0) {
    sweep.note(
      "SIPHMS_DEMO",
      "is set, and a link alone opens a session, though there are patients that replay no recording",
    );
  }
  return sweep.done(counts?.number("people") ?? 0);
}

/** Looks for sessions that should have ended: idle for longer than their limit, or longer than any may last. */
export async function sweepIdle({ database, clock }: AroundPorts): Promise<Sweep> {
  const sweep = createSweep("idle-limit");
  const latest = clock.now() - SWEEP_PATIENCE_MS;
  const { rows } = await database.query(
    `SELECT count(*) AS all,
       count(*) FILTER (WHERE s.last_active_at < $1 - CASE WHEN p.role = 'administrator' THEN $2::bigint ELSE $3::bigint END) AS idle,
       count(*) FILTER (WHERE s.expires_at - s.created_at > $4) AS long
     FROM staff_sessions s JOIN staff p ON p.id = s.staff_id`,
    [latest, ADMINISTRATOR_IDLE_LIMIT_MS, IDLE_LIMIT_MS, SESSION_LIFETIME_MS],
  );
  const [counts] = rows;
  const idle = counts?.number("idle") ?? 0;
  const long = counts?.number("long") ?? 0;
  if (idle > 0) {
    sweep.find(
      "staff_sessions",
      `${String(idle)} idle sessions were not taken away; look in the hospital's log why, and restart it`,
    );
  }
  if (long > 0) {
    sweep.find("staff_sessions", `${String(long)} sessions last for longer than any may`);
  }
  return sweep.done(counts?.number("all") ?? 0);
}
