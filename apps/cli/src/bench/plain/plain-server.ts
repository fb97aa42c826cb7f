import fastify from "fastify";
import type { FastifyInstance } from "fastify";
import pg from "pg";

import { PLAIN_MESSAGE_SCHEMA, PLAIN_PATHS, PLAIN_TABLES } from "./plain-tables.ts";
import type { PlainMessage } from "./plain-tables.ts";

/** What the plain server works with. */
export interface PlainServerOptions {
  /** A role that may make tables. */
  readonly databaseUrl: string;
  /** Connections to the database; each has one statement under way. */
  readonly poolSize: number;
}

const STORED_SCHEMA = {
  201: { type: "object", properties: { stored: { type: "integer" } } },
} as const;

/** Named, so that the database parses and plans each once a connection. */
const INSERT_ROWS = {
  name: "rows",
  text: `INSERT INTO readings (patient, kind, at, value)
         SELECT $1, $2, * FROM unnest($3::timestamptz[], $4::real[]) ON CONFLICT DO NOTHING`,
};
const INSERT_JSONB = {
  name: "jsonb",
  text: `INSERT INTO batches (patient, kind, start_at, samples) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING`,
};

/**
 * Creates the pipeline that a developer would build without security, to measure ours against: JSON over HTTP, checked by a schema,
 * stored by one statement, answered after its commit. What comes twice is stored once; it knows no sender, no signature, no receipt.
 *
 * It does not listen yet; closing it closes the pool.
 */
export async function createPlainServer(options: PlainServerOptions): Promise<FastifyInstance> {
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: options.poolSize });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on("error", () => undefined);
  const app = fastify();
  app.addHook("onClose", () => pool.end());
  for (const table of PLAIN_TABLES) await pool.query(table);
  const schema = { body: PLAIN_MESSAGE_SCHEMA, response: STORED_SCHEMA };

  app.post<{ Body: PlainMessage }>(PLAIN_PATHS.rows, { schema }, async ({ body }, reply) => {
    const times = body.samples.map(({ at }) => at);
    const values = body.samples.map(({ value }) => value);
    await pool.query({ ...INSERT_ROWS, values: [body.patient, body.kind, times, values] });
    return reply.code(201).send({ stored: body.samples.length });
  });

  app.post<{ Body: PlainMessage }>(PLAIN_PATHS.jsonb, { schema }, async ({ body }, reply) => {
    const { patient, kind, samples } = body;
    await pool.query({
      ...INSERT_JSONB,
      values: [patient, kind, samples[0]?.at, JSON.stringify(samples)],
    });
    return reply.code(201).send({ stored: samples.length });
  });
  return app;
}
