export { LocalPostgresError } from "./errors.ts";
export type { LocalPostgresErrorCode } from "./errors.ts";
export { ADMIN_ROLE, DATABASE_NAME, SERVICE_ROLE } from "./roles.ts";
export { createScratchDatabase } from "./scratch-database.ts";
export { startLocalPostgres } from "./start.ts";
export type { LocalPostgres, LocalPostgresOptions } from "./start.ts";
