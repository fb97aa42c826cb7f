export { findStaffById, findStaffByName, listStaff, readStaff } from "./staff-rows.ts";
export type { Staff } from "./staff-rows.ts";
export { readLink } from "./link-rows.ts";
export { readStaffSession } from "./session-rows.ts";
export {
  ADMINISTRATOR_IDLE_LIMIT_MS,
  createStaffDesk,
  IDLE_LIMIT_MS,
  LINK_LIFETIME_MS,
  SESSION_LIFETIME_MS,
} from "./staff-desk.ts";
export type { AddOutcome, DisableOutcome, OpenOutcome, SignedIn, StaffDesk } from "./staff-desk.ts";
export { addGuard, sessionTokenOf, signedInOf } from "./guard.ts";
export { addStaffRoutes } from "./routes.ts";
