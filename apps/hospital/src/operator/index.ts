export { createKeyDesk } from "./key-desk.ts";
export { addOperatorRoutes } from "./routes.ts";
export type { OperatorPorts } from "./routes.ts";
