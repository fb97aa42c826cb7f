export { addRegistryRoutes, type RegistryPorts } from "./routes.ts";
