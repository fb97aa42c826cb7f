import { statfs } from "node:fs/promises";
import type {
  CheckReport,
  Counters,
  FirstRun,
  Gateways,
  KeyStatus,
  RanCheck,
  SystemStatus,
} from "@siphms/api";
import type { Clock, Health } from "@siphms/server-kit";
import { noteCheck } from "../check/index.ts";
import type { Database } from "../database/index.ts";
import { readSummaryProgress } from "../summaries/index.ts";
import type { LineStatus } from "../uplink/index.ts";
import { countFacts, countSessions, describeDatabase } from "./facts.ts";
import { readVersion } from "./version.ts";

/** What administrators see of the installation. Nothing here is about a patient. */
export interface SystemDesk {
  gateways(): Promise<Gateways>;
  status(): Promise<SystemStatus>;
  firstRun(): Promise<FirstRun>;
  /** Looks at everything that somebody with the database alone could have changed; of two at once both get one report. */
  check(actor: string): Promise<RanCheck>;
}

/** What the desk needs of the rest. */
export interface SystemDeskPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly hospital: { readonly id: string; readonly name: string };
  readonly demo: boolean;
  readonly dataFolder: string;
  readonly health: Health;
  readonly gateways: () => readonly LineStatus[];
  readonly counters: () => Promise<Counters>;
  readonly keyStatus: () => Promise<KeyStatus>;
  readonly runCheck: () => Promise<CheckReport>;
}

/** Summaries are made every minute; whoever is further behind has stopped. */
const SUMMARIES_BEHIND_MS = 10 * 60_000;

/** Joins what there is to know of the installation. */
export function createSystemDesk(ports: SystemDeskPorts): SystemDesk {
  const { database, clock } = ports;
  const started = clock.now();
  let lastCheck: RanCheck | null = null;
  let running: Promise<RanCheck> | undefined;
  return {
    gateways: () => listGateways(ports),
    status: () => readStatus({ started, lastCheck }, ports),
    async firstRun() {
      const lines = ports.gateways();
      const connected = lines.filter(({ isUp }) => isUp).length;
      return {
        ...(await countFacts(database, clock.now())),
        gateways: { known: lines.length, connected },
        demo: ports.demo,
      };
    },
    check(actor) {
      running ??= runCheck(actor, ports)
        .then((ran) => (lastCheck = ran))
        .finally(() => {
          running = undefined;
        });
      return running;
    },
  };
}

async function runCheck(
  actor: string,
  { database, clock, runCheck: run }: SystemDeskPorts,
): Promise<RanCheck> {
  const report = await run();
  const at = clock.now();
  await noteCheck(database, { at, actor, findings: report.findings.length });
  return { at, report };
}

async function listGateways({ database, clock, gateways }: SystemDeskPorts): Promise<Gateways> {
  const now = clock.now();
  const sessions = await countSessions(database, now);
  const listed = gateways().map(({ gateway, isUp, since, lastContact }) => ({
    url: gateway,
    state: isUp ? ("connected" as const) : ("away" as const),
    since,
    ...(lastContact === undefined ? {} : { lastContact }),
    sessions: sessions.get(gateway) ?? 0,
  }));
  return { gateways: listed, now };
}

async function readStatus(
  { started, lastCheck }: Pick<SystemStatus, "lastCheck" | "started">,
  ports: SystemDeskPorts,
): Promise<SystemStatus> {
  const { database, clock, hospital, demo } = ports;
  const { version, bytes } = await describeDatabase(database);
  const freeBytes = await readFreeBytes(ports.dataFolder);
  const now = clock.now();
  return {
    hospital,
    demo,
    versions: { siphms: readVersion(), node: process.versions.node, database: version },
    started,
    checks: await readChecks(now, ports),
    counters: await ports.counters(),
    storage: { databaseBytes: bytes, ...(freeBytes === undefined ? {} : { freeBytes }) },
    keys: await ports.keyStatus(),
    lastCheck,
    now,
  };
}

async function readChecks(
  now: number,
  { database, health, gateways }: SystemDeskPorts,
): Promise<SystemStatus["checks"]> {
  const { failing } = await health.check();
  const { doneAt } = await readSummaryProgress(database);
  return {
    database: !failing.includes("database"),
    gateways: gateways().every(({ isUp }) => isUp),
    summaries: now - doneAt < SUMMARIES_BEHIND_MS,
  };
}

async function readFreeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // A folder that is not there has no disk; the database may be on another machine.
    return undefined;
  }
}
