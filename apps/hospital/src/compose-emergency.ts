import { createHealth, systemClock, type Clock, type Logger } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { createAccessDesk } from "./access/index.ts";
import { createAlerts } from "./alerts/index.ts";
import { createConsoleServer } from "./app.ts";
import { createConsoleDesks } from "./console-desks.ts";
import { withAudit, type Database } from "./database/index.ts";
import { createEntryWriter, watchCopy } from "./emergency/index.ts";
import { createEnrolmentDesk } from "./enrolment/index.ts";
import type { InstalledFoundation } from "./foundation.ts";
import type { StaticFiles, TlsFiles } from "./http/index.ts";
import { createLiveHub } from "./live/index.ts";
import { createNotifier } from "./notify/index.ts";
import { createKeyDesk } from "./operator/index.ts";
import { createRecords, type Records } from "./records/index.ts";
import {
  createMemoryState,
  createStaffDesk,
  createTurns,
  type PasswordCost,
  type StaffDesk,
} from "./staff/index.ts";

/** What emergency mode stands on. */
export interface EmergencyPlan {
  /** On a copy of the records, opened so that nothing is written. */
  readonly installed: InstalledFoundation;
  /** Where the files of entries are kept. */
  readonly dataFolder: string;
  readonly consoleOrigin: string;
  readonly files: { readonly console: StaticFiles; readonly tls: TlsFiles | undefined };
  readonly trustedProxies?: readonly string[] | undefined;
  readonly log: Logger;
  /** For tests; the system's otherwise. */
  readonly clock?: Clock;
  /** For tests: cheaper hashes than anybody should have. */
  readonly unsafePasswordCost?: PasswordCost;
}

/** Emergency mode whose parts are joined and whose server does not listen yet. */
export interface Emergency {
  readonly console: FastifyInstance;
  readonly desk: StaffDesk;
  stop(): Promise<void>;
}

/**
 * Joins emergency mode: the console with the same routes and desks, over a copy of the records that takes no writes. Who is signed
 * in is kept in memory; what is looked at is noted in a file before it is shown.
 *
 * @throws {ProblemError} `not-recorded` where no file can be begun: nothing could be shown.
 */
export async function composeEmergency(plan: EmergencyPlan): Promise<Emergency> {
  const { log, clock = systemClock, dataFolder } = plan;
  const { keyring, crypto } = plan.installed;
  const writer = createEntryWriter({ dataFolder, keyring, crypto, clock, log });
  await writer.begin();
  const database = inTurns(withAudit(plan.installed.database, writer.sink));
  const copy = await watchCopy(database, log);
  const installed = { ...plan.installed, database };
  const desk = createStaffDesk({
    ...{ database, keyring, crypto, clock, demo: false, consoleOrigin: plan.consoleOrigin },
    state: createMemoryState(() => clock.now()),
    hospitalName: installed.installation.hospitalName,
    endLostCare: changesNothing,
    ...(plan.unsafePasswordCost === undefined
      ? {}
      : { unsafePasswordCost: plan.unsafePasswordCost }),
  });
  const server = await createConsoleServer({
    ...composeDesks(installed, { clock, log, dataFolder }),
    ...{ log, clock, database, keyring, desk, demo: false },
    hub: createLiveHub("emergency"),
    tls: plan.files.tls,
    trustedProxies: plan.trustedProxies,
    origin: plan.consoleOrigin,
    files: plan.files.console,
    emergency: { since: clock.now(), copyAsOf: copy.asOf },
  });
  return {
    console: server,
    desk,
    async stop() {
      copy.stop();
      await desk.sweep().catch(() => undefined);
      await writer.end();
    },
  };
}

/** What sessions and used codes stand on in memory nothing locks: one transaction after the other. */
function inTurns(database: Database): Database {
  const turn = createTurns(1);
  return {
    ...database,
    withTransaction: (work) => turn(() => database.withTransaction(work)),
  };
}

/** What only the hospital itself does. Nobody comes so far: the guard has refused it. */
function changesNothing(): never {
  throw new TypeError("emergency mode changes nothing");
}

interface DeskParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly dataFolder: string;
}

function composeDesks(installed: InstalledFoundation, { clock, log, dataFolder }: DeskParts) {
  const { database, keyring, crypto, keys, installation } = installed;
  const shared = { database, keyring, clock };
  const records = readAnew(createRecords(shared));
  const access = createAccessDesk({
    ...shared,
    onChanged: changesNothing,
    onBreakGlass: changesNothing,
  });
  const ways = {};
  const notifier = createNotifier({
    ...{ keyring, clock, ways },
    beginCare: changesNothing,
    onQueued: changesNothing,
  });
  const desks = createConsoleDesks(installed, {
    ...{ clock, records, ways, dataFolder, demo: false, timeZone: "UTC" },
    // Its job is never started: nobody is told of anything here.
    alerts: createAlerts({ ...shared, log, notifier, publish: changesNothing }),
    protocol: { gateways: () => [], queueNotice: changesNothing },
    broadcast: { patient: changesNothing },
    health: createHealth([]),
    reports: {
      keys: createKeyDesk({ ...installed, clock, hospitalId: installation.hospitalId }),
      counters: changesNothing,
      check: changesNothing,
    },
  });
  const enrolment = createEnrolmentDesk({
    ...{ ...shared, crypto, keys, demo: false },
    hospital: { id: installation.hospitalId, name: installation.hospitalName },
    gatewayUrl: "",
    appOrigin: "",
    beginCare: changesNothing,
    closeSessions: changesNothing,
    notifyActive: changesNothing,
    onPatient: changesNothing,
    onBinding: changesNothing,
  });
  return { ...desks, access, records, enrolment };
}

/** Nobody tells of what comes from the hospital into the copy, so nothing is kept in memory of what was read before. */
function readAnew(records: Records): Records {
  return {
    ...records,
    latest(patient) {
      records.forget(patient.id);
      return records.latest(patient);
    },
  };
}
