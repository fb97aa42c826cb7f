export { addOperatorRoutes } from "./routes.ts";
export type { OperatorPorts } from "./routes.ts";
