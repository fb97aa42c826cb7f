import { MAX_UPLINK_MESSAGE_BYTES, UPLINK_PATH, type Registration } from "@siphms/relay";
import websocket from "@fastify/websocket";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AddressLimit } from "../domain/address-limit.ts";
import { refuse } from "../domain/refusal.ts";
import { sendRefusal, sendStatus } from "./problem.ts";
import { bearerToken } from "./session-request.ts";
import { serveUplink, type UplinkSocketPorts } from "./uplink-socket.ts";

/** What the uplink route works with. */
export interface UplinkRoutePorts extends UplinkSocketPorts {
  /** The hospital that presents a good token. */
  readonly identify: (token: string) => Promise<Registration | undefined>;
  /** A false token counts as a false pass does: both cost a signature. */
  readonly addressLimit: AddressLimit;
}

/** Adds the WebSocket that hospitals open; only a hospital with a fresh token gets as far as the upgrade. */
export async function addUplinkRoute(
  scope: FastifyInstance,
  ports: UplinkRoutePorts,
): Promise<void> {
  await scope.register(websocket, {
    options: { maxPayload: MAX_UPLINK_MESSAGE_BYTES, perMessageDeflate: false },
  });
  const identified = new WeakMap<FastifyRequest, Registration>();

  scope.get(
    UPLINK_PATH,
    {
      websocket: true,
      async preValidation(request, reply) {
        if (!request.ws) return sendStatus(reply, 404);
        const token = bearerToken(request.headers.authorization);
        const busy = ports.addressLimit.admit(request.ip);
        if (busy !== undefined) return sendRefusal(reply, busy);
        const hospital = token === undefined ? undefined : await ports.identify(token);
        if (hospital === undefined) {
          return sendRefusal(reply, refuse("pass-invalid", { reason: "pass-forged" }));
        }
        ports.addressLimit.excuse(request.ip);
        identified.set(request, hospital);
        return undefined;
      },
    },
    (socket, request) => {
      const hospital = identified.get(request);
      if (hospital === undefined) socket.terminate();
      else serveUplink(socket, hospital, ports);
    },
  );
}
