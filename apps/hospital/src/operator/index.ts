export { createKeyDesk } from "./key-desk.ts";
export type { KeyDesk } from "./key-desk.ts";
export { createKekDesk } from "./kek-desk.ts";
export type { KekDesk } from "./kek-desk.ts";
export { addOperatorRoutes } from "./routes.ts";
export type { OperatorPorts } from "./routes.ts";
