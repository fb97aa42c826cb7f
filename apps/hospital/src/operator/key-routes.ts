import {
  keyStatusSchema,
  OPERATOR_PATHS,
  publicKeysSchema,
  rotatedKeySchema,
  rotatedLogSchema,
  rotateKeySchema,
  type RotateKey,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import type { KeyDesk } from "./key-desk.ts";
import { OPERATOR } from "./operator.ts";

const config = { policy: "operator" } as const;

/** Adds the operator's routes for the hospital's own keys. */
export function addKeyRoutes(server: FastifyInstance, keys: KeyDesk): void {
  server.get(OPERATOR_PATHS.keys, { config, schema: { response: { 200: keyStatusSchema } } }, () =>
    keys.status(),
  );
  server.get(
    OPERATOR_PATHS.publicKeys,
    { config, schema: { response: { 200: publicKeysSchema } } },
    () => keys.publicKeys(),
  );
  server.post(
    OPERATOR_PATHS.rotateLogKey,
    { config, schema: { response: { 200: rotatedLogSchema } } },
    () => keys.rotateLog(OPERATOR),
  );
  server.post<{ Body: RotateKey }>(
    OPERATOR_PATHS.rotateKey,
    { config, schema: { body: rotateKeySchema, response: { 200: rotatedKeySchema } } },
    async (request) => {
      const rotated = await keys.rotate(request.body.oldKeyDays, OPERATOR);
      if (rotated !== undefined) return rotated;
      throw new ProblemError(
        "conflict",
        "Somebody else has rotated the key at this moment. Look at its status before you do it again.",
      );
    },
  );
}
