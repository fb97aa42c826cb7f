import cookie from "@fastify/cookie";
import type { Clock, Logger } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { addAccessGuard, addAccessRoutes, type AccessDesk } from "./access/index.ts";
import { addAlertRoutes, type AlertDesk } from "./alerts/index.ts";
import type { Database } from "./database/index.ts";
import { addEmergencyGuard, type EmergencyState } from "./emergency/index.ts";
import { addSecurity, createServer, type StaticFiles, type TlsFiles } from "./http/index.ts";
import type { EnrolmentDesk } from "./enrolment/index.ts";
import { addEvidenceRoutes, type EvidenceDesk } from "./evidence/index.ts";
import type { Keyring } from "./keys/index.ts";
import { addLiveRoutes, type LiveHub } from "./live/index.ts";
import { addMessageRoutes, type NoticeDesk } from "./notices/index.ts";
import { addNotifyRoutes, type NotifyDesk } from "./notify/index.ts";
import { addOperatorRoutes, type OperatorPorts } from "./operator/index.ts";
import { addConsolePages, addPatientAppPages, type PatientAppOptions } from "./pages/index.ts";
import { addOversightRoutes, type OversightDesk } from "./oversight/index.ts";
import { addPlanRoutes, type PlanDesk } from "./plans/index.ts";
import { addQuarantineRoutes, type QuarantineDesk } from "./quarantine/index.ts";
import { addRecordsRoutes, type Records } from "./records/index.ts";
import { addRegistryRoutes } from "./registry/index.ts";
import { addGuard, addStaffRoutes, type StaffDesk } from "./staff/index.ts";
import { addSummaryRoute } from "./summaries/index.ts";
import { addSystemRoutes, type SystemDesk } from "./system/index.ts";

/** What every listener of the hospital is made with. */
interface ListenerOptions {
  readonly log: Logger;
  /** The listener's own origin, as browsers name it. */
  readonly origin: string;
  readonly tls?: TlsFiles | undefined;
  /** Reverse proxies whose X-Forwarded-For is believed; none, unless named. */
  readonly trustedProxies?: readonly string[] | undefined;
}

/** What staff do at the console beside looking at records. */
export interface ConsoleDesks {
  readonly alerts: AlertDesk;
  readonly enrolment: EnrolmentDesk;
  readonly evidence: EvidenceDesk;
  readonly notices: NoticeDesk;
  readonly notify: NotifyDesk;
  readonly oversight: OversightDesk;
  readonly plans: PlanDesk;
  readonly quarantine: QuarantineDesk;
  readonly system: SystemDesk;
}

/** What the console's listener needs. */
export interface ConsolePorts extends ListenerOptions, ConsoleDesks {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly desk: StaffDesk;
  readonly access: AccessDesk;
  readonly records: Records;
  readonly hub: LiveHub;
  readonly demo: boolean;
  /** The built console; empty where only the API is served. */
  readonly files: StaticFiles;
  /** How often the live stream looks whether its session still holds, ms. */
  readonly recheckMs?: number;
  /** Where this is emergency mode: what it says of itself. Nothing but looking is served then. */
  readonly emergency?: EmergencyState;
}

/** Passkeys. */
const CONSOLE_FEATURES = ["publickey-credentials-create", "publickey-credentials-get"];

/** The console's listener: its pages, its API and its live stream. */
export async function createConsoleServer(ports: ConsolePorts): Promise<FastifyInstance> {
  const server = createServer(ports);
  addSecurity(server, { origin: ports.origin, permissions: CONSOLE_FEATURES });
  if (ports.emergency !== undefined) addEmergencyGuard(server, ports.emergency);
  await server.register(cookie);
  await server.register(async (api) => {
    addGuard(api, ports);
    addAccessGuard(api, ports);
    addStaffRoutes(api, ports);
    addAccessRoutes(api, ports);
    addOversightRoutes(api, ports);
    addRecordsRoutes(api, ports);
    addSummaryRoute(api, ports);
    addEvidenceRoutes(api, ports);
    addQuarantineRoutes(api, ports);
    addAlertRoutes(api, ports);
    addPlanRoutes(api, ports);
    addRegistryRoutes(api, ports);
    addMessageRoutes(api, ports);
    addNotifyRoutes(api, ports);
    addSystemRoutes(api, ports);
    addLiveRoutes(api, ports);
    return Promise.resolve();
  });
  addConsolePages(server, ports.files);
  return server;
}

/** Sensors, the QR code, the way in, and a screen that stays on while a sensor is worn. */
const APP_FEATURES = [
  "bluetooth",
  "camera",
  "publickey-credentials-create",
  "publickey-credentials-get",
  "screen-wake-lock",
];

/** The patient app's listener: another origin, static files only. */
export function createPatientAppServer(
  options: ListenerOptions & PatientAppOptions,
): FastifyInstance {
  const server = createServer(options);
  addSecurity(server, {
    origin: options.origin,
    permissions: options.isApp ? APP_FEATURES : [],
  });
  addPatientAppPages(server, options);
  return server;
}

/** The operator's listener, for a Unix socket that only this system's user can reach. */
export function createOperatorServer(
  ports: OperatorPorts & { readonly log: Logger },
): FastifyInstance {
  const server = createServer(ports);
  addOperatorRoutes(server, ports);
  return server;
}
