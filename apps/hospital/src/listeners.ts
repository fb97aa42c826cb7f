import path from "node:path";
import { OPERATOR_SOCKET } from "@siphms/api";
import { listenOnSocket, ServerKitError, type Lifecycle } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import type { Surroundings } from "./surroundings.ts";

/** Lets a server listen on a port; it closes with the program. @throws {ServerKitError} where the port is taken. */
export async function listenOnPort(
  server: FastifyInstance,
  place: { readonly host: string; readonly port: number },
  lifecycle: Lifecycle,
): Promise<void> {
  lifecycle.onStop({ name: `port ${String(place.port)}`, stop: () => server.close() });
  try {
    await server.listen(place);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code !== "EADDRINUSE") throw cause;
    throw new ServerKitError(
      "SETTING_INVALID",
      `Another program already listens on port ${String(place.port)}. Stop it, or set SIPHMS_HOSPITAL_PORT or SIPHMS_HOSPITAL_APP_PORT.`,
      { cause },
    );
  }
}

/** Lets the operator's server listen on its private socket; it closes with the program. @throws {ServerKitError} */
export async function listenForOperator(
  server: FastifyInstance,
  surroundings: Surroundings,
  lifecycle: Lifecycle,
): Promise<void> {
  await server.ready();
  const socket = await listenOnSocket(server.server, operatorSocket(surroundings));
  lifecycle.onStop({
    name: "operator",
    stop: async () => {
      await server.close();
      socket.remove();
    },
  });
}

/** Where the operator's tools look. */
export function operatorSocket({ runFolder }: Surroundings): string {
  return path.join(runFolder, OPERATOR_SOCKET);
}
