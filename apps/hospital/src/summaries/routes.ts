import {
  CONSOLE_PATHS,
  summaryQuerySchema,
  summarySchema,
  type Summary,
  type SummaryQuery,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import type { Patient } from "../patients/index.ts";
import {
  parseRange,
  SHOWS_PATIENT,
  showPatient,
  type ByPatient,
  type ShowPorts,
} from "../records/index.ts";
import { readSummary, type WantedSummary } from "./read-summary.ts";

/** The route of one patient's hourly and daily summaries. */
export function addSummaryRoute(server: FastifyInstance, ports: ShowPorts): void {
  server.get<ByPatient & { Querystring: SummaryQuery }>(
    CONSOLE_PATHS.summary,
    {
      config: { policy: SHOWS_PATIENT },
      schema: { querystring: summaryQuerySchema, response: { 200: summarySchema } },
    },
    (request) => {
      const query = parseSummaryQuery(request.query, ports);
      const read = (patient: Patient) => summaryOf(patient, query, ports);
      return showPatient(request, { what: "summary", read }, ports);
    },
  );
}

/** Takes a query as it stands in an address. @throws {ProblemError} `malformed` */
export function parseSummaryQuery(
  query: SummaryQuery,
  { clock }: Pick<ShowPorts, "clock">,
): WantedSummary {
  return { ...parseRange(query), span: query.span, now: clock.now() };
}

/**
 * Reads a summary for staff or the operator.
 *
 * @throws {ProblemError} `malformed` where one answer does not hold all of it, `not-ready`.
 */
export async function summaryOf(
  patient: Patient,
  query: WantedSummary,
  ports: ShowPorts,
): Promise<Summary> {
  const outcome = await readSummary(patient, query, ports);
  if (outcome.kind === "summary") return outcome.summary;
  if (outcome.kind === "not-ready") throw new ProblemError("not-ready");
  throw new ProblemError(
    "malformed",
    "One answer does not hold so many. Ask for a shorter range, or for days instead of hours.",
  );
}
