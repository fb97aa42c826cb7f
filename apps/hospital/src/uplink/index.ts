export { createEnvelopeWatch } from "./envelope-watch.ts";
export { createGatewayHub, type GatewayHub } from "./gateway-hub.ts";
export { createUplink, type LineStatus, type Uplink, type UplinkOptions } from "./uplink.ts";
