import {
  addIntegrationSchema,
  addStaffSchema,
  disableStaffSchema,
  OPERATOR_PATHS,
  staffAccountSchema,
  staffAccountsSchema,
  staffLinkSchema,
  type AddIntegration,
  type AddStaff,
} from "@siphms/api";
import type { FastifyInstance } from "fastify";
import {
  addedMachineOf,
  addedOf,
  describeAccount,
  disabledOf,
  type StaffDesk,
} from "../staff/index.ts";

const config = { policy: "operator" } as const;

/** Adds the operator's routes for accounts of staff. */
export function addStaffAccountRoutes(server: FastifyInstance, staff: StaffDesk): void {
  server.get(
    OPERATOR_PATHS.staff,
    { config, schema: { response: { 200: staffAccountsSchema } } },
    async () => {
      const accounts = await staff.list();
      return { staff: accounts.map(describeAccount) };
    },
  );
  server.post<{ Body: AddStaff }>(
    OPERATOR_PATHS.staff,
    { config, schema: { body: addStaffSchema, response: { 200: staffLinkSchema } } },
    async (request) => addedOf(await staff.add(request.body)),
  );
  server.post<{ Body: AddIntegration }>(
    OPERATOR_PATHS.integrations,
    {
      config,
      schema: { body: addIntegrationSchema, response: { 200: staffAccountSchema } },
    },
    async (request) => addedMachineOf(await staff.addIntegration(request.body)),
  );
  server.post<{ Body: { readonly name: string } }>(
    OPERATOR_PATHS.disableStaff,
    { config, schema: { body: disableStaffSchema, response: { 200: staffAccountSchema } } },
    async (request) => disabledOf(await staff.disable(request.body.name)),
  );
}
