import { WITNESS_PATH } from "@siphms/relay";
import { MAX_ADD_CHECKPOINT_BYTES, TREE_SIZE_MEDIA_TYPE, WITNESS_STATUS } from "@siphms/tlog";
import type { FastifyInstance } from "fastify";
import type { AddressLimit } from "../domain/address-limit.ts";
import type { Witness } from "../domain/witness.ts";
import { bytesOf, takeOnly, toBuffer } from "./body.ts";
import { sendRefusal, sendStatus } from "./problem.ts";

/** What the witness's route works with. */
export interface WitnessRoutePorts {
  readonly witness: Witness;
  /** Whoever brings nothing new of a known log is a stranger. */
  readonly addressLimit: AddressLimit;
}

/**
 * Adds `POST /witness/add-checkpoint`, by which a hospital's audit log is witnessed.
 *
 * @see C2SP tlog-witness
 */
export function addWitnessRoute(scope: FastifyInstance, ports: WitnessRoutePorts): void {
  const { witness, addressLimit } = ports;
  // The specification names no media type for the request.
  takeOnly(scope, "*");

  scope.post(
    `${WITNESS_PATH}/add-checkpoint`,
    {
      bodyLimit: MAX_ADD_CHECKPOINT_BYTES,
      // Before the body is read: a flood must not cost us even that.
      async onRequest({ ip }, reply) {
        const busy = addressLimit.admit(ip);
        if (busy !== undefined) await sendRefusal(reply, busy);
      },
    },
    async ({ body, ip }, reply) => {
      const answer = await witness.addCheckpoint(bytesOf(body) ?? new Uint8Array());
      if (answer.isNew) addressLimit.excuse(ip);
      const status = WITNESS_STATUS[answer.outcome];
      if (answer.body === undefined) return sendStatus(reply, status, "checkpoint");
      const type = answer.outcome === "conflict" ? TREE_SIZE_MEDIA_TYPE : "text/plain";
      return reply.code(status).header("content-type", type).send(toBuffer(answer.body));
    },
  );
}
