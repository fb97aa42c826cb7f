import {
  checkReportSchema,
  countersSchema,
  healthSchema,
  mergeReportSchema,
  OPERATOR_PATHS,
  registrationSchema,
  type CheckReport,
  type Counters,
  type MergeReport,
  type Registration,
} from "@siphms/api";
import type { Clock, Health, Metrics } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { addAccessGuard, type AccessDesk } from "../access/index.ts";
import { noteCheck } from "../check/index.ts";
import type { EnrolmentDesk } from "../enrolment/index.ts";
import type { NoticeDesk } from "../notices/index.ts";
import type { Records } from "../records/index.ts";
import { addCommandGuard, type StaffDesk } from "../staff/index.ts";
import { addAuditRoutes, type AuditRoutePorts } from "./audit-routes.ts";
import { addCareRoutes } from "./care-routes.ts";
import { addDeviceRoutes, addEnrolmentRoutes } from "./device-routes.ts";
import type { KekDesk } from "./kek-desk.ts";
import { addKekRoutes } from "./kek-routes.ts";
import type { KeyDesk } from "./key-desk.ts";
import { addKeyRoutes } from "./key-routes.ts";
import { addLogInRoutes, addSessionRoute } from "./log-in-routes.ts";
import { OPERATOR } from "./operator.ts";
import { addNoticeRoutes } from "./notice-routes.ts";
import { addPatientRoutes } from "./patient-routes.ts";
import { addRecordRoutes } from "./record-routes.ts";
import { addStaffAccountRoutes } from "./staff-routes.ts";

/** What the operator's routes need. */
export interface OperatorPorts extends AuditRoutePorts {
  readonly clock: Clock;
  readonly enrolment: EnrolmentDesk;
  readonly staff: StaffDesk;
  readonly access: AccessDesk;
  readonly records: Records;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly registration: () => Promise<Registration>;
  readonly check: () => Promise<CheckReport>;
  /** Takes what emergency mode noted into the log. */
  readonly mergeEntries: () => Promise<MergeReport>;
  readonly counters: () => Promise<Counters>;
  readonly keys: KeyDesk;
  readonly kek: KekDesk;
  readonly notices: NoticeDesk;
}

const config = { policy: "operator" } as const;

/**
 * Adds the routes of the private socket.
 *
 * Whoever reaches it runs the installation: accounts, keys, checks, counts. What shows or changes data of patients wants to
 * know besides who it is, and asks for a log-in.
 */
export function addOperatorRoutes(server: FastifyInstance, ports: OperatorPorts): void {
  addInstallationRoutes(server, ports);
  addStaffAccountRoutes(server, ports.staff);
  addKeyRoutes(server, ports.keys);
  addKekRoutes(server, ports.kek);
  addAuditRoutes(server, ports);
  addLogInRoutes(server, ports.staff);
  server.register((known, _options, done) => {
    addCommandGuard(known, { desk: ports.staff });
    addAccessGuard(known, ports);
    addSessionRoute(known);
    addPatientRoutes(known, ports);
    addCareRoutes(known, ports);
    addEnrolmentRoutes(known, ports);
    addDeviceRoutes(known, ports);
    addRecordRoutes(known, ports);
    addNoticeRoutes(known, ports);
    done();
  });
}

function addInstallationRoutes(server: FastifyInstance, ports: OperatorPorts): void {
  const { health, metrics } = ports;
  server.get(
    OPERATOR_PATHS.health,
    { config, schema: { response: { 200: healthSchema, 503: healthSchema } } },
    async (_request, reply) => {
      const { ok, failing } = await health.check();
      const checks = Object.fromEntries(failing.map((name) => [name, false]));
      return reply.code(ok ? 200 : 503).send({ status: ok ? "ok" : "failing", checks });
    },
  );
  server.get(OPERATOR_PATHS.metrics, { config }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
  server.get(
    OPERATOR_PATHS.counters,
    { config, schema: { response: { 200: countersSchema } } },
    () => ports.counters(),
  );
  server.get(
    OPERATOR_PATHS.registration,
    { config, schema: { response: { 200: registrationSchema } } },
    () => ports.registration(),
  );
  server.get(
    OPERATOR_PATHS.check,
    { config, schema: { response: { 200: checkReportSchema } } },
    () => checkAndNote(ports),
  );
  server.post(
    OPERATOR_PATHS.mergeEntries,
    { config, schema: { response: { 200: mergeReportSchema } } },
    () => ports.mergeEntries(),
  );
}

/** A check that cannot be put on record shows all the same what it found, and that: it shows nobody's data. */
async function checkAndNote({ check, clock, database }: OperatorPorts): Promise<CheckReport> {
  const report = await check();
  const findings = report.findings.length;
  try {
    await noteCheck(database, { at: clock.now(), actor: OPERATOR, findings });
    return report;
  } catch {
    const detail = "that there was this check could not be put on record";
    const finding = { check: "audit-log", subject: "hospital.checked", detail };
    return { ...report, ok: false, findings: [...report.findings, finding] };
  }
}
