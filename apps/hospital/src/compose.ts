import { randomUUID } from "node:crypto";
import type { MergeReport } from "@siphms/api";
import {
  createHealth,
  createMetrics,
  systemClock,
  type Health,
  type Lifecycle,
  type Logger,
} from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { createAccessDesk, type AccessDesk } from "./access/index.ts";
import { addAlertMetrics, createAlerts, type Alerts } from "./alerts/index.ts";
import {
  createConsoleServer,
  createOperatorServer,
  createPatientAppServer,
  type ConsoleDesks,
} from "./app.ts";
import { runCheck } from "./check/index.ts";
import { createConsoleDesks, type Reports } from "./console-desks.ts";
import { mergeEntryFiles } from "./emergency/index.ts";
import { createEnrolmentDesk, type EnrolmentDesk } from "./enrolment/index.ts";
import { kekOptionsOf, type InstalledFoundation } from "./foundation.ts";
import { countIngest } from "./ingest/index.ts";
import { createBroadcast, createLiveHub, type Broadcast, type LiveHub } from "./live/index.ts";
import { recogniseServer } from "./known-server.ts";
import { startProtocol, type Protocol } from "./protocol.ts";
import { createRecords, type Records } from "./records/index.ts";
import type { NoticeDesk } from "./notices/index.ts";
import { createDeliveryJob, createNotifier, loadWays, type NotifyWays } from "./notify/index.ts";
import { createKekDesk, createKeyDesk, type KekDesk } from "./operator/index.ts";
import { registrationOf } from "./registration.ts";
import { createCertificateWatch, type ServedCertificate } from "./served-certificate.ts";
import { readServedFiles, type ServedFiles } from "./served-files.ts";
import { startBackups } from "./scheduled-backups.ts";
import type { HospitalSettings } from "./settings.ts";
import type { Surroundings } from "./surroundings.ts";
import { createStaffDesk, type StaffDesk } from "./staff/index.ts";
import { createSummaryJob } from "./summaries/index.ts";
import { NO_LOG, startWitnessedLog, type WitnessedLog } from "./witnessed-log.ts";

/** A hospital whose parts are joined and whose servers do not listen yet. */
export interface Hospital {
  readonly console: FastifyInstance;
  readonly app: FastifyInstance;
  readonly operator: FastifyInstance;
  readonly health: Health;
  readonly hub: LiveHub;
  readonly desk: StaffDesk;
}

interface Plan {
  readonly installed: InstalledFoundation;
  readonly settings: HospitalSettings;
  readonly surroundings: Surroundings;
  readonly log: Logger;
  /** What runs from here on is registered here at once: whatever fails later, it is ended. */
  readonly lifecycle: Pick<Lifecycle, "onStop">;
  /** Only to measure what the audit log costs. */
  readonly withoutLog: boolean;
}

interface Parts {
  readonly desk: StaffDesk;
  readonly access: AccessDesk;
  readonly enrolment: EnrolmentDesk;
  readonly records: Records;
  readonly hub: LiveHub;
  readonly health: Health;
}

const clock = systemClock;

/**
 * Joins everything: the one place that knows all parts.
 *
 * @throws {ServerKitError} before anything reaches a gateway, where files that the settings name cannot be served or read.
 */
export async function composeHospital(plan: Plan): Promise<Hospital> {
  const { installed, settings, log } = plan;
  const { database, keyring, crypto } = installed;
  const files = await readServedFiles(settings);
  const ways = await loadWays(settings, plan.surroundings.consoleOrigin);
  const records = createRecords({ database, keyring });
  // Another one at each start, so that a browser's place in an earlier run's events is known for one.
  const hub = createLiveHub(randomUUID().slice(0, 8));
  const broadcast = createBroadcast({ hub, records, log });
  const access = createAccess(plan, hub, broadcast);
  const { lifecycle } = plan;
  // Before the audit log is carried on, and before anything of a session is sealed.
  await recogniseServer(installed, { clock, log });
  const auditLog = plan.withoutLog
    ? NO_LOG
    : await startWitnessedLog(installed, {
        ...{ clock, log, lifecycle, settings },
      });
  const alerts = startAlerts(plan, ways, { access, broadcast });
  const protocol = await startDevicesSide(plan, { records, broadcast, alerts, auditLog });
  startSummaries(plan);
  startBackups(installed, settings, { clock, log, lifecycle: plan.lifecycle });
  const health = createHealth([
    { name: "database", works: () => database.query("SELECT 1 AS one").then(() => true) },
  ]);
  const desk = createStaffDesk({
    ...{ database, keyring, crypto, clock },
    endLostCare: access.endLostCare,
    demo: settings.demo,
    consoleOrigin: plan.surroundings.consoleOrigin,
    hospitalId: installed.installation.hospitalId,
    hospitalName: installed.installation.hospitalName,
  });
  const enrolment = createDesk(plan, { protocol, broadcast, access });
  const parts: Parts = { desk, access, enrolment, records, hub, health };
  const kek = createKek(plan);
  const certificate = createCertificateWatch({ settings, log, start: files.tls });
  const reports = createReports(plan, { protocol, kek, certificate });
  const desks = createConsoleDesks(installed, {
    ...{ alerts, records, health, protocol, broadcast, clock, ways, reports },
    demo: settings.demo,
    dataFolder: settings.dataFolder,
    timeZone: settings.timeZone,
  });
  const console = await composeConsole(plan, { ...parts, ...desks }, files);
  const app = composeApp(plan, files);
  certificate.start([console, app], lifecycle);
  return {
    ...{ console, app },
    operator: composeOperator(
      plan,
      { ...parts, ...reports, notices: desks.notices, kek },
      { protocol, alerts, auditLog },
    ),
    health,
    hub,
    desk,
  };
}

/** Lets devices in, by way of the gateways. */
async function startDevicesSide(
  { installed, settings, log, lifecycle }: Plan,
  parts: {
    readonly records: Records;
    readonly broadcast: Broadcast;
    readonly alerts: Alerts;
    readonly auditLog: WitnessedLog;
  },
): Promise<Protocol> {
  const { records, broadcast, alerts, auditLog } = parts;
  const protocol = await startProtocol(installed, {
    clock,
    log,
    records,
    gateways: settings.gateways,
    envelopesPerMinute: settings.passEnvelopesPerMinute,
    auditHead: () => auditLog.newest(),
    onStored: (event) => {
      broadcast.stored(event);
      alerts.job.wake();
    },
    onRevoked: (patient) => {
      broadcast.enrolment({ patient, state: "revoked" });
    },
  });
  lifecycle.onStop({ name: "protocol", stop: () => protocol.stop() });
  return protocol;
}

function startSummaries({ installed, log, lifecycle }: Plan): void {
  const { database, keyring } = installed;
  const summaries = createSummaryJob({ database, keyring, clock, log });
  lifecycle.onStop({ name: "summaries", stop: () => summaries.stop() });
  summaries.start();
}

/** Joins alerts with who is told of them, and starts the jobs that make and deliver them. */
function startAlerts(
  { installed, log, lifecycle }: Plan,
  ways: NotifyWays,
  { access, broadcast }: { readonly access: AccessDesk; readonly broadcast: Broadcast },
): Alerts {
  const { database, keyring } = installed;
  const deliveries = createDeliveryJob({
    ...{ database, keyring, clock, log, ways },
    onTried: (patient) => {
      alerts.changed(patient);
    },
  });
  const notifier = createNotifier({
    ...{ keyring, clock, ways },
    beginCare: access.beginCareWithin,
    onQueued: () => {
      deliveries.wake();
    },
  });
  const alerts = createAlerts({
    ...{ database, keyring, clock, log, notifier },
    publish: broadcast.alert,
  });
  lifecycle.onStop({ name: "deliveries", stop: () => deliveries.stop() });
  deliveries.start();
  lifecycle.onStop({ name: "alerts", stop: () => alerts.job.stop() });
  alerts.job.start();
  return alerts;
}

function createAccess({ installed }: Plan, hub: LiveHub, broadcast: Broadcast): AccessDesk {
  return createAccessDesk({
    database: installed.database,
    keyring: installed.keyring,
    clock,
    onChanged: (staffId) => {
      hub.accessChanged(staffId);
    },
    onBreakGlass: (id) => {
      broadcast.breakGlass({ id: String(id) });
    },
  });
}

function createReports(
  { installed, settings, surroundings }: Plan,
  parts: {
    readonly protocol: Protocol;
    readonly kek: KekDesk;
    readonly certificate: ServedCertificate;
  },
): Reports {
  const { database, keyring } = installed;
  const { protocol, kek, certificate } = parts;
  return {
    keys: createKeyDesk({ ...installed, clock, hospitalId: installed.installation.hospitalId }),
    counters: async () => {
      const counters = await countIngest(database);
      return { ...counters, refused: { ...counters.refused, ...protocol.refusedHandshakes() } };
    },
    check: () =>
      runCheck({
        database,
        keyring,
        clock,
        kek: surroundings.kek,
        dataFolder: settings.dataFolder,
        around: {
          ...{ settings, surroundings, hospitalId: installed.installation.hospitalId },
          kekStatus: () => kek.status(),
          certificate,
        },
      }),
  };
}

function createKek({ installed, settings, surroundings }: Plan): KekDesk {
  return createKekDesk({
    ...{ database: installed.database, keyring: installed.keyring, clock },
    hospitalId: installed.installation.hospitalId,
    source: surroundings.kek,
    options: kekOptionsOf(settings),
  });
}

/** Takes what emergency mode noted into the log, from the files in the installation's folder. */
export function mergeEntries(
  actor: string,
  { installed, settings }: Pick<Plan, "installed" | "settings">,
): Promise<MergeReport> {
  const { database, keyring } = installed;
  return mergeEntryFiles(actor, { database, keyring, clock, dataFolder: settings.dataFolder });
}

interface EnrolmentParts {
  readonly protocol: Protocol;
  readonly broadcast: Broadcast;
  readonly access: AccessDesk;
}

function createDesk(plan: Plan, { protocol, broadcast, access }: EnrolmentParts): EnrolmentDesk {
  const { installed, settings, surroundings } = plan;
  const { keys, installation } = installed;
  return createEnrolmentDesk({
    database: installed.database,
    keyring: installed.keyring,
    crypto: installed.crypto,
    clock,
    keys,
    hospital: { id: installation.hospitalId, name: installation.hospitalName },
    gatewayUrl: settings.gateways[0] ?? "",
    appOrigin: surroundings.appOrigin,
    demo: settings.demo,
    beginCare: access.beginCareWithin,
    closeSessions: (tx, deviceId) => protocol.closeSessions(tx, deviceId),
    notifyActive: (tx, deviceId) => protocol.notifyActive(tx, deviceId),
    onPatient: (patient) => {
      broadcast.patient({ patient });
    },
    onBinding: (patient, state) => {
      broadcast.enrolment({ patient, state });
    },
  });
}

function composeConsole(
  plan: Plan,
  parts: ConsoleDesks & Parts,
  files: ServedFiles,
): Promise<FastifyInstance> {
  const { installed, settings, surroundings, log } = plan;
  return createConsoleServer({
    ...parts,
    log,
    clock,
    tls: files.tls,
    trustedProxies: settings.trustedProxies,
    origin: surroundings.consoleOrigin,
    database: installed.database,
    keyring: installed.keyring,
    demo: settings.demo,
    files: files.console,
  });
}

function composeApp({ settings, surroundings, log }: Plan, files: ServedFiles): FastifyInstance {
  return createPatientAppServer({
    log,
    tls: files.tls,
    origin: surroundings.appOrigin,
    files: files.app,
    isApp: settings.appFolder !== undefined,
    gateways: settings.gateways,
    demo: settings.demo,
  });
}

function composeOperator(
  plan: Plan,
  parts: Parts & Reports & { readonly notices: NoticeDesk; readonly kek: KekDesk },
  counted: {
    readonly protocol: Protocol;
    readonly alerts: Alerts;
    readonly auditLog: WitnessedLog;
  },
): FastifyInstance {
  const { installed, surroundings, log } = plan;
  const { database, keyring } = installed;
  const metrics = createMetrics();
  metrics.gauge("siphms_hospital_gateways_connected", "Gateways that are connected now.", () =>
    counted.protocol.connectedGateways(),
  );
  metrics.gauge("siphms_hospital_live_streams", "Screens that follow live.", () => parts.hub.size);
  metrics.gauge(
    "siphms_hospital_audit_waiting_seconds",
    "For how long the oldest entry has waited to be taken into the audit log.",
    () => counted.auditLog.waitingForLogMs() / 1000,
  );
  metrics.gauge(
    "siphms_hospital_witness_waiting_seconds",
    "For how long a head of the audit log has waited for a witness.",
    () => counted.auditLog.waitingForWitnessMs() / 1000,
  );
  addAlertMetrics(metrics, counted.alerts.job);
  return createOperatorServer({
    ...parts,
    mergeEntries: () => mergeEntries("operator", plan),
    witnesses: plan.settings.witnesses,
    log,
    clock,
    database,
    keyring,
    metrics,
    staff: parts.desk,
    registration: () => registrationOf(installed, surroundings.appOrigin),
  });
}
