export { createBroadcast } from "./broadcast.ts";
export type { Broadcast } from "./broadcast.ts";
export { createLiveHub } from "./hub.ts";
export type { LiveEvent, LiveHub, LiveSubscriber } from "./hub.ts";
export { createSight } from "./sight.ts";
export type { Audience, Sight } from "./sight.ts";
export { addLiveRoutes } from "./routes.ts";
