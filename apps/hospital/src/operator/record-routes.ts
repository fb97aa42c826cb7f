import { Readable } from "node:stream";
import {
  OPERATOR_PATHS,
  operatorReadingsQuerySchema,
  operatorSummaryQuerySchema,
  summarySchema,
  type OperatorSummaryQuery,
} from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import { kindByName } from "@siphms/vitals";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import type { Records } from "../records/index.ts";
import type { StaffDesk } from "../staff/index.ts";
import { parseSummaryQuery, summaryOf } from "../summaries/index.ts";
import { noteShown, patientFor, RECORD_RULE, stillReaches, type CallerPorts } from "./caller.ts";
import { readingLines } from "./readings-stream.ts";

/** What the routes for what was measured need. */
export interface RecordPorts extends CallerPorts {
  readonly clock: Clock;
  readonly records: Records;
  readonly staff: StaffDesk;
}

interface ReadingsQuery {
  readonly Querystring: {
    readonly mrn: string;
    readonly from?: string;
    readonly to?: string;
    readonly kind?: string | readonly string[];
  };
}

const config = { policy: RECORD_RULE } as const;
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/** Adds the routes that show readings, one by one and in short. */
export function addRecordRoutes(server: FastifyInstance, ports: RecordPorts): void {
  server.get<ReadingsQuery>(
    OPERATOR_PATHS.readings,
    { config, schema: { querystring: operatorReadingsQuerySchema } },
    async (request, reply) => {
      const { mrn, from, to, kind } = request.query;
      const kinds = kind === undefined ? undefined : [kind].flat();
      const unknown = kinds?.find((name) => kindByName(name) === undefined);
      if (unknown !== undefined) {
        throw new ProblemError("malformed", "There is no such kind of reading.");
      }
      const { patient, purpose } = await patientFor(request, mrn, ports);
      const records = [{ patientId: patient.id, purpose }];
      await noteShown(request, { what: "readings", records }, ports);
      const lines = readingLines(ports.records, patient, {
        from: Number(from ?? 0),
        to: to === undefined ? END_OF_TIME : Number(to),
        ...(kinds === undefined ? {} : { kinds }),
        mayGoOn: () => stillReaches(request, patient.id, ports),
      });
      return reply.type("application/x-ndjson").send(Readable.from(lines));
    },
  );
  server.get<{ Querystring: OperatorSummaryQuery }>(
    OPERATOR_PATHS.summary,
    {
      config,
      schema: { querystring: operatorSummaryQuerySchema, response: { 200: summarySchema } },
    },
    async (request) => {
      const { mrn, from = "0", to = String(END_OF_TIME), ...rest } = request.query;
      const query = parseSummaryQuery({ ...rest, from, to }, ports);
      const { patient, purpose } = await patientFor(request, mrn, ports);
      const records = [{ patientId: patient.id, purpose }];
      await noteShown(request, { what: "summary", records }, ports);
      return summaryOf(patient, query, ports);
    },
  );
}
