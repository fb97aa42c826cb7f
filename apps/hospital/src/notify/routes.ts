import {
  acknowledgeSystemAlertSchema,
  CONSOLE_PATHS,
  contactSchema,
  currentEscalationSchema,
  escalationPeopleSchema,
  ownContactSchema,
  setEscalationSchema,
  systemAlertsSchema,
  type AcknowledgeSystemAlert,
  type Contact,
  type SetEscalation,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { actorOf, CARE_ROLES } from "../access/index.ts";
import { ProblemError, type Rule } from "../http/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { NotifyDesk, SetEscalationOutcome } from "./desk.ts";

interface NotifyRoutePorts {
  readonly notify: NotifyDesk;
}

const own: Rule = { roles: CARE_ROLES, relation: "none", stepUp: false };
const administer: Rule = { roles: ["administrator"], relation: "none", stepUp: false };

/** Routes of what people set about being told, and of system alerts. */
export function addNotifyRoutes(server: FastifyInstance, { notify }: NotifyRoutePorts): void {
  addContactRoutes(server, notify);
  addEscalationRoutes(server, notify);
  addSystemAlertRoutes(server, notify);
}

function addContactRoutes(server: FastifyInstance, notify: NotifyDesk): void {
  const response = { 200: ownContactSchema };
  server.get(CONSOLE_PATHS.contact, { config: { policy: own }, schema: { response } }, (request) =>
    notify.readContact(signedInOf(request).staff.id),
  );
  // Whoever sits down at an open screen must not turn somebody's alerts elsewhere.
  server.put<{ Body: Contact }>(
    CONSOLE_PATHS.contact,
    { config: { policy: { ...own, stepUp: true } }, schema: { body: contactSchema, response } },
    (request) => notify.setContact(signedInOf(request).staff.id, request.body),
  );
}

function addEscalationRoutes(server: FastifyInstance, notify: NotifyDesk): void {
  const response = { 200: currentEscalationSchema };
  server.get(
    CONSOLE_PATHS.escalation,
    { config: { policy: administer }, schema: { response } },
    () => notify.readEscalation(),
  );
  // It opens records to whoever it names, as care relations do, and so asks for the same proof.
  server.put<{ Body: SetEscalation }>(
    CONSOLE_PATHS.escalation,
    {
      config: { policy: { ...administer, stepUp: true } },
      schema: { body: setEscalationSchema, response },
    },
    async (request) =>
      setOf(await notify.setEscalation(request.body, actorOf(signedInOf(request)))),
  );
  server.get(
    CONSOLE_PATHS.escalationPeople,
    { config: { policy: administer }, schema: { response: { 200: escalationPeopleSchema } } },
    () => notify.listPeople(),
  );
}

function setOf(outcome: SetEscalationOutcome) {
  switch (outcome.kind) {
    case "set":
      return outcome.escalation;
    case "changed":
      throw new ProblemError("conflict");
    case "unknown":
      throw new ProblemError(
        "conflict",
        "Somebody named here is no active doctor or nurse any more. Load the page anew and choose again.",
      );
  }
}

function addSystemAlertRoutes(server: FastifyInstance, notify: NotifyDesk): void {
  server.get(
    CONSOLE_PATHS.systemAlerts,
    { config: { policy: administer }, schema: { response: { 200: systemAlertsSchema } } },
    () => notify.listSystemAlerts(),
  );
  server.post<{ Body: AcknowledgeSystemAlert }>(
    CONSOLE_PATHS.acknowledgeSystemAlert,
    { config: { policy: administer }, schema: { body: acknowledgeSystemAlertSchema } },
    async (request, reply) => {
      const { alert } = request.body;
      const isClosed = await notify.acknowledge(Number(alert), actorOf(signedInOf(request)));
      if (!isClosed) throw new ProblemError("not-found");
      return reply.code(204).send();
    },
  );
}
