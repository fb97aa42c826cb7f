import {
  CONSOLE_PATHS,
  decideQuarantineSchema,
  quarantineEntriesSchema,
  quarantineQuerySchema,
  type DecideQuarantine,
  type QuarantineQuery,
  type Unreleasable,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { actorOf, grantOf, notOfPatient } from "../access/index.ts";
import { ProblemError, type Rule } from "../http/index.ts";
import type { Patient } from "../patients/index.ts";
import { SHOWS_PATIENT, showPatient, type ByPatient, type ShowPorts } from "../records/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { QuarantineDesk } from "./desk.ts";

/** What is a vital sign of a patient and what is none is a doctor's to say, and not in passing (SR-20). */
const decide: Rule = { roles: ["doctor"], relation: "patient", stepUp: true };

const OBSTACLES: Readonly<Record<Unreleasable, string>> = {
  "binding-unconfirmed":
    "Nobody ever confirmed the device that sent this, so it may be somebody else's. It can only be rejected.",
  "out-of-scale": "It holds a value that no chart can show. It can only be rejected.",
  "time-ahead":
    "It holds a time that is still ahead. Wait until it has passed, or reject it and let the patient measure again.",
};

/** Routes of what stands in a patient's quarantine and of what doctors decide about it. */
export function addQuarantineRoutes(
  server: FastifyInstance,
  ports: ShowPorts & { readonly quarantine: QuarantineDesk },
): void {
  const { quarantine } = ports;
  server.get<ByPatient & { Querystring: QuarantineQuery }>(
    CONSOLE_PATHS.quarantineEntries,
    {
      config: { policy: SHOWS_PATIENT },
      schema: { querystring: quarantineQuerySchema, response: { 200: quarantineEntriesSchema } },
    },
    (request) => {
      const read = (patient: Patient) => quarantine.entries(patient, request.query);
      return showPatient(request, { what: "quarantine", read }, ports);
    },
  );
  server.post<ByPatient & { Body: DecideQuarantine }>(
    CONSOLE_PATHS.quarantineDecisions,
    { config: { policy: decide }, schema: { body: decideQuarantineSchema } },
    async (request, reply) => {
      const { patientId } = grantOf(request);
      const actor = actorOf(signedInOf(request));
      const outcome = await quarantine.decide(request.body, { patientId, actor });
      switch (outcome.kind) {
        case "decided":
          return reply.code(204).send();
        case "item-unknown":
          throw await notOfPatient(request, ports, {
            problem: "conflict",
            detail:
              "Something of it does not stand in this patient's quarantine. Nothing was decided; look at the list again.",
          });
        case "reason-short":
          throw new ProblemError("malformed", "The reason is too short.");
        case "unreleasable":
          throw new ProblemError("conflict", OBSTACLES[outcome.why]);
      }
    },
  );
}
