export {
  findStaffById,
  findStaffByName,
  listStaff,
  readStaff,
  readStaffNames,
} from "./staff-rows.ts";
export type { Staff } from "./staff-rows.ts";
export { LINK_LIFETIME_MS } from "./links.ts";
export { readKey } from "./key-rows.ts";
export { readLink } from "./link-rows.ts";
export { readPasskey } from "./passkey-rows.ts";
export { readPassword } from "./password-rows.ts";
export { readRecoveryCode } from "./recovery-code-rows.ts";
export { readTotp } from "./totp-rows.ts";
export { deleteAllAccess, readStaffSession } from "./session-rows.ts";
export {
  ADMINISTRATOR_IDLE_LIMIT_MS,
  COMMAND_SESSION_LIFETIME_MS,
  IDLE_LIMIT_MS,
  SESSION_LIFETIME_MS,
} from "./sessions.ts";
export type { SignedIn } from "./sessions.ts";
export type { PasswordCost } from "./password-hash.ts";
export { createStaffDesk } from "./staff-desk.ts";
export type { StaffDesk } from "./staff-desk.ts";
export { addCommandGuard, commandTokenOf } from "./command-guard.ts";
export { LOG_IN_REFUSED, LOG_IN_SLOWED } from "./log-in-desk.ts";
export type { LogInOutcome } from "./log-in-desk.ts";
export { addGuard, sessionTokenOf, signedInOf } from "./guard.ts";
export { addedMachineOf, addedOf, describeAccount, disabledOf } from "./outcomes.ts";
export { addStaffRoutes } from "./routes.ts";
export { createMemoryState } from "./memory-state.ts";
export { createTurns } from "./turns.ts";
export { openedOf } from "./session-answer.ts";
