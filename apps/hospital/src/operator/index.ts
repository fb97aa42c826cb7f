export { createKeyDesk } from "./key-desk.ts";
export type { KeyDesk } from "./key-desk.ts";
export { addOperatorRoutes } from "./routes.ts";
export type { OperatorPorts } from "./routes.ts";
