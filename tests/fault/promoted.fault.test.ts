/**
 * The database comes back as another one: recovered to a point in time, as a promoted standby is, on a new timeline. The
 * hospital runs all the while, and nobody tells it.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toBase64Url } from "@siphms/cose";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { ApartInstallation } from "../crash/apart-installation.ts";
import type { Violation } from "../crash/check-history.ts";
import { describeViolations } from "../crash/report.ts";
import { until, WatchedDevices } from "../faults-kit/watched-devices.ts";

const TEST_LIMIT_MS = 240_000;

/** Has PostgreSQL recover as from an archive at its next start: it ends on a timeline of its own. */
function recoverAtNextStart({ folder }: ApartInstallation): void {
  const cluster = join(folder, "pg", "data");
  appendFileSync(join(cluster, "postgresql.auto.conf"), "restore_command = 'false'\n");
  writeFileSync(join(cluster, "recovery.signal"), "", { mode: 0o644 });
}

async function ask(
  { postgres }: ApartInstallation,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: postgres.adminUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const SESSIONS = "SELECT encode(sid, 'hex') AS sid FROM sessions WHERE sealed IS NOT NULL";

/**
 * What an erased session leaves: its numbers are gone, and an envelope that was still under way in it is refused. The
 * messages themselves are stored once, or come again in a new session, which the comparison finds by itself.
 */
function violationOf(sids: readonly string[]): (violation: Violation) => boolean {
  return ({ kind, what }) =>
    sids.some((sid) => what.includes(sid)) &&
    (kind === "accepted-and-gone" || (kind === "refused" && what.endsWith("session-closed")));
}

describe("a database that comes back on another timeline", () => {
  it(
    "is noticed by a hospital that runs: it starts anew and goes on with no session from before [SR-31]",
    { timeout: TEST_LIMIT_MS },
    async () => {
      const installation = await ApartInstallation.start();
      try {
        const devices = await WatchedDevices.enrol(installation);
        const { hospital, gateway, postgres } = installation;
        const before = await ask(installation, SESSIONS);
        expect(before.length).toBeGreaterThanOrEqual(devices.devices.length);
        await postgres.hold();
        recoverAtNextStart(installation);
        postgres.release();
        await until(() => Promise.resolve(hospital.starts === 2), "the hospital to start anew");
        await devices.served("the database came back");
        const after = await ask(installation, SESSIONS);
        expect(after.length).toBeGreaterThanOrEqual(devices.devices.length);
        const old = new Set(before.map(({ sid }) => sid));
        expect(after.filter(({ sid }) => old.has(sid))).toEqual([]);
        expect(
          await ask(installation, "SELECT split_part(server, '/', 2) AS line FROM known_server"),
        ).toEqual([{ line: "00000002" }]);
        const { violations, receipts } = await devices.compare();
        const isOfOld = violationOf(before.map(({ sid }) => toBase64Url(fromHex(String(sid)))));
        expect(describeViolations(violations.filter((one) => !isOfOld(one)))).toBe("");
        expect(receipts).toBeGreaterThan(devices.devices.length);
        expect([gateway.starts, hospital.starts]).toEqual([1, 2]);
      } finally {
        await installation.remove();
      }
    },
  );
});
