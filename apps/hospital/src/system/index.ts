export { createSystemDesk } from "./desk.ts";
export type { GatewayLine, SystemDesk, SystemDeskPorts } from "./desk.ts";
export { addSystemRoutes } from "./routes.ts";
