import {
  acknowledgeAlertSchema,
  alertHistoryQuerySchema,
  alertHistorySchema,
  alertListSchema,
  CONSOLE_PATHS,
  resolveAlertSchema,
  seenAlertsSchema,
  type AcknowledgeAlert,
  type AlertHistoryQuery,
  type AlertList,
  type ResolveAlert,
  type SeenAlerts,
} from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { actorOf, CARE_ROLES, grantOf, notOfPatient, repeatingSession } from "../access/index.ts";
import { ProblemError, routeOf, type Rule } from "../http/index.ts";
import type { Patient } from "../patients/index.ts";
import { SHOWS_PATIENT, showPatient, type ByPatient, type ShowPorts } from "../records/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { AlertDesk, StepOutcome } from "./desk.ts";

interface AlertRoutePorts extends ShowPorts {
  readonly alerts: AlertDesk;
}

const ownPatients: Rule = { roles: CARE_ROLES, relation: "own-patients", stepUp: false };
/** Whoever looks after a patient is not stopped on the way to saying so. */
const act = { policy: SHOWS_PATIENT };

/** Adds the console's routes of alerts: how things stand, a patient's history, and what people do about them. */
export function addAlertRoutes(server: FastifyInstance, ports: AlertRoutePorts): void {
  server.get(
    CONSOLE_PATHS.alerts,
    { config: { policy: ownPatients }, schema: { response: { 200: alertListSchema } } },
    (request) => listStands(request, ports),
  );
  server.post<{ Body: SeenAlerts }>(
    CONSOLE_PATHS.seenAlerts,
    { config: { policy: ownPatients }, schema: { body: seenAlertsSchema } },
    async (request, reply) => {
      await noteSeen(request, ports);
      return reply.code(204).send();
    },
  );
  server.get<ByPatient & { Querystring: AlertHistoryQuery }>(
    CONSOLE_PATHS.patientAlerts,
    {
      config: { policy: SHOWS_PATIENT },
      schema: { querystring: alertHistoryQuerySchema, response: { 200: alertHistorySchema } },
    },
    (request) => {
      const before = request.query.before === undefined ? undefined : Number(request.query.before);
      const read = (patient: Patient) => ports.alerts.history(patient.id, before);
      return showPatient(request, { what: "alerts", read, isPolled: true }, ports);
    },
  );
  server.post<ByPatient & { Body: AcknowledgeAlert }>(
    CONSOLE_PATHS.acknowledgeAlert,
    { config: act, schema: { body: acknowledgeAlertSchema } },
    async (request, reply) => {
      const outcome = await ports.alerts.acknowledge(oneOf(request), request.body.level);
      await requireDone(request, outcome, ports);
      return reply.code(204).send();
    },
  );
  server.post<ByPatient & { Body: ResolveAlert }>(
    CONSOLE_PATHS.resolveAlert,
    { config: act, schema: { body: resolveAlertSchema } },
    async (request, reply) => {
      const outcome = await ports.alerts.resolve(oneOf(request), request.body.note);
      await requireDone(request, outcome, ports);
      return reply.code(204).send();
    },
  );
}

/** Of the patients who are open to the person at this moment, and of nobody else. */
async function listStands(
  request: FastifyRequest,
  { access, alerts, clock }: AlertRoutePorts,
): Promise<AlertList> {
  const signedIn = signedInOf(request);
  const grants = await access.grantsOf(signedIn.staff.id);
  await access.noteShown({
    actor: actorOf(signedIn),
    what: "alerts",
    records: [...grants.values()],
    session: repeatingSession(request),
  });
  const stands = await alerts.stands([...grants.keys()]);
  return { stands: Object.fromEntries(stands), now: clock.now() };
}

/** Alerts of others' patients are none to whoever names them; that they were named is noted. */
async function noteSeen(
  request: FastifyRequest<{ Body: SeenAlerts }>,
  { access, alerts }: AlertRoutePorts,
): Promise<void> {
  const signedIn = signedInOf(request);
  const grants = await access.grantsOf(signedIn.staff.id);
  const ids = [...new Set(request.body.alerts.map(Number))];
  const patients = await alerts.patientsOf(ids);
  const own = [...patients].filter(([, patientId]) => grants.has(patientId));
  const foreign = new Set(ids.map((id) => patients.get(id)).filter((id) => !grants.has(id ?? "")));
  for (const patientId of foreign) {
    await access.noteRefused({
      ...{ actor: actorOf(signedIn), patientId },
      ...{ route: routeOf(request), why: "relation" },
    });
  }
  if (own.length > 0) await alerts.seen(new Map(own), signedIn.staff.id);
}

function oneOf(request: FastifyRequest<{ Body: Pick<AcknowledgeAlert, "alert"> }>) {
  const { patientId } = grantOf(request);
  return { id: Number(request.body.alert), patientId, staffId: signedInOf(request).staff.id };
}

async function requireDone(
  request: FastifyRequest,
  outcome: StepOutcome,
  ports: AlertRoutePorts,
): Promise<void> {
  switch (outcome) {
    case "done":
      return;
    case "unknown":
      throw await notOfPatient(request, ports);
    case "acknowledged-already":
      throw new ProblemError("conflict", "Somebody has acknowledged this alert already.");
    case "level-risen":
      throw new ProblemError(
        "conflict",
        "This alert has become urgent meanwhile. Look at it again.",
      );
    case "resolved-already":
      throw new ProblemError("conflict", "This alert is resolved already.");
    case "note-short":
      throw new ProblemError("malformed", "The note is too short.");
  }
}
