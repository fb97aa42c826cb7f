import {
  CONSOLE_PATHS,
  firstRunSchema,
  gatewaysSchema,
  ranCheckSchema,
  systemSchema,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import { actorOf } from "../access/index.ts";
import type { Rule } from "../http/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { SystemDesk } from "./desk.ts";

const policy: Rule = { roles: ["administrator"], relation: "none", stepUp: false };
const config = { policy };

/** Routes of what administrators see of the installation. */
export function addSystemRoutes(
  server: FastifyInstance,
  { system }: { readonly system: SystemDesk },
): void {
  server.get(
    CONSOLE_PATHS.gateways,
    { config, schema: { response: { 200: gatewaysSchema } } },
    () => system.gateways(),
  );
  server.get(CONSOLE_PATHS.system, { config, schema: { response: { 200: systemSchema } } }, () =>
    system.status(),
  );
  server.get(
    CONSOLE_PATHS.firstRun,
    { config, schema: { response: { 200: firstRunSchema } } },
    () => system.firstRun(),
  );
  server.post(
    CONSOLE_PATHS.systemCheck,
    { config, schema: { response: { 200: ranCheckSchema } } },
    (request) => system.check(actorOf(signedInOf(request))),
  );
}
