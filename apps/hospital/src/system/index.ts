export { createSystemDesk } from "./desk.ts";
export type { SystemDesk, SystemDeskPorts } from "./desk.ts";
export { addSystemRoutes } from "./routes.ts";
export { readVersion } from "./version.ts";
