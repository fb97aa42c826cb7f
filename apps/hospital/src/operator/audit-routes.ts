import {
  AUDIT_READING_HEADER,
  auditPartSchema,
  auditReadingSchema,
  beginReadingSchema,
  compareAuditSchema,
  OPERATOR_PATHS,
  type AuditPlace,
  type AuditReading,
} from "@siphms/api";
import {
  parseEntryBundlePath,
  parseTilePath,
  TlogError,
  tileWidth,
  type Bytes,
} from "@siphms/tlog";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  compareLogPart,
  createLogTiles,
  describePolicy,
  noteWithCosignatures,
  readCheckpointUpTo,
  readEntryBundle,
  readLastCheckpointOf,
  readLogKeys,
  readNewestCheckpoint,
  readNewestCosigned,
  type LogHead,
  type NamedWitness,
} from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import { ProblemError } from "../http/index.ts";
import type { Keyring } from "../keys/index.ts";
import { AuditReadings, type AuditReadingPorts } from "./audit-readings.ts";

/** What reading the audit log needs. */
export interface AuditRoutePorts extends AuditReadingPorts {
  readonly keyring: Keyring;
  /** Those that the settings name. */
  readonly witnesses: readonly NamedWitness[];
}

const config = { policy: "operator" } as const;
const LOG = OPERATOR_PATHS.auditLog;
const TEXT = "text/plain; charset=utf-8";
const BYTES = "application/octet-stream";
const ENTRIES = "tile/entries/";

/**
 * Adds the audit log as it can be read and copied without trust in this program: checkpoints, tiles, entries and whose
 * signatures count (C2SP tlog-tiles). It says of no patient who they are. Entries are given out only after it was put on record that, and why.
 */
export function addAuditRoutes(server: FastifyInstance, ports: AuditRoutePorts): void {
  const { database, keyring, witnesses } = ports;
  const send = async (reply: FastifyReply, head: LogHead | undefined): Promise<FastifyReply> => {
    if (head === undefined) throw new ProblemError("not-found");
    return reply.type(TEXT).send(await noteWithCosignatures(database, head));
  };
  server.get(`${LOG}/checkpoint`, { config }, async (_request, reply) =>
    send(reply, await readNewestCheckpoint(database)),
  );
  server.get(`${LOG}/checkpoint.witnessed`, { config }, async (_request, reply) => {
    const names = witnesses.map(({ name }) => name);
    return send(reply, await readNewestCosigned(database, names));
  });
  server.get<{ Params: { size: string } }>(
    `${LOG}/checkpoint/:size`,
    { config },
    async (request, reply) =>
      send(reply, await readCheckpointUpTo(database, parseSize(request.params.size))),
  );
  server.get<{ Params: { number: string } }>(
    `${LOG}/checkpoint.last/:number`,
    { config },
    async (request, reply) => {
      const keys = await readLogKeys(database, keyring);
      const key = keys.find(({ origin }) => origin.endsWith(`/${request.params.number}`));
      return send(reply, key && (await readLastCheckpointOf(database, key.id)));
    },
  );
  server.get(`${LOG}/policy`, { config }, async (_request, reply) => {
    const keys = await readLogKeys(database, keyring);
    return reply.type(TEXT).send(describePolicy(keys, witnesses));
  });
  const readings = new AuditReadings(ports);
  server.get(`${LOG}/tile/*`, { config }, async (request, reply) => {
    const path = pathOf(request);
    if (path.startsWith(ENTRIES)) requireReading(request, readings);
    return reply.type(BYTES).send(Buffer.from(await readTileAt(path, database)));
  });
  server.post<{ Body: { why: AuditReading } }>(
    OPERATOR_PATHS.auditReadings,
    { config, schema: { body: beginReadingSchema, response: { 200: auditReadingSchema } } },
    async (request) => ({ reading: await readings.begin(request.body.why) }),
  );
  server.post<{ Body: { place?: AuditPlace } }>(
    OPERATOR_PATHS.compareAudit,
    { config, schema: { body: compareAuditSchema, response: { 200: auditPartSchema } } },
    (request) => compareLogPart(ports, request.body.place),
  );
}

function requireReading({ headers }: FastifyRequest, readings: AuditReadings): void {
  const name = headers[AUDIT_READING_HEADER];
  if (typeof name === "string" && readings.goesOn(name)) return;
  throw new ProblemError(
    "not-allowed",
    `Entries of the audit log are read after it was put on record. Use siphms audit, or begin with POST ${OPERATOR_PATHS.auditReadings}.`,
  );
}

function parseSize(text: string): number {
  const size = Number(text);
  if (/^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(size)) return size;
  throw new ProblemError("not-found");
}

/** Below the log's own prefix. */
function pathOf({ url }: FastifyRequest): string {
  return url.slice(LOG.length + 1);
}

async function readTileAt(path: string, database: Database): Promise<Bytes> {
  const size = (await readNewestCheckpoint(database))?.size ?? 0;
  const isIn = (place: { level: number; index: number; width: number }): boolean =>
    tileWidth(place, size) >= place.width;
  try {
    if (path.startsWith(ENTRIES)) {
      const place = parseEntryBundlePath(path);
      if (isIn({ ...place, level: 0 })) return await readEntryBundle(database, place);
    } else {
      const tile = parseTilePath(path);
      const [bytes] = isIn(tile) ? await createLogTiles(database).readTiles([tile]) : [];
      if (bytes !== undefined) return bytes;
    }
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
  }
  throw new ProblemError("not-found");
}
