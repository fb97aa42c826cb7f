export { GATEWAY_SETTINGS } from "./settings.ts";
export { startGateway, type Gateway, type GatewayOptions, type GatewayPorts } from "./gateway.ts";
