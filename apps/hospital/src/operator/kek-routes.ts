import {
  exportRecoverySchema,
  finishedKekSchema,
  kekStatusSchema,
  OPERATOR_PATHS,
  recoverySchema,
  rotatedKekSchema,
  rotateKekSchema,
  type ExportRecovery,
  type RotateKek,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../http/index.ts";
import { KeyError } from "../keys/index.ts";
import type { KekDesk } from "./kek-desk.ts";
import { OPERATOR } from "./operator.ts";

const config = { policy: "operator" } as const;

/** Adds the operator's routes for the key-encryption key. */
export function addKekRoutes(server: FastifyInstance, desk: KekDesk): void {
  server.get(OPERATOR_PATHS.kek, { config, schema: { response: { 200: kekStatusSchema } } }, () =>
    desk.status(),
  );
  server.post<{ Body: RotateKek }>(
    OPERATOR_PATHS.rotateKek,
    { config, schema: { body: rotateKekSchema, response: { 200: rotatedKekSchema } } },
    (request) => mendable(desk.rotate(request.body, OPERATOR)),
  );
  server.post(
    OPERATOR_PATHS.finishKek,
    { config, schema: { response: { 200: finishedKekSchema } } },
    () => mendable(desk.finish(OPERATOR)),
  );
  server.post<{ Body: ExportRecovery }>(
    OPERATOR_PATHS.recovery,
    { config, schema: { body: exportRecoverySchema, response: { 200: recoverySchema } } },
    (request) => mendable(desk.exportRecovery(request.body.passphrase, OPERATOR)),
  );
}

/** Says to the operator what is wrong with a key, instead of noting a fault: it is theirs to mend. */
async function mendable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    const [first = "", ...rest] = error.message;
    throw new ProblemError("conflict", `${first.toUpperCase()}${rest.join("")} (${error.code}).`);
  }
}
