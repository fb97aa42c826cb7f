export { createQuarantineDesk } from "./desk.ts";
export type { Decider, DecideOutcome, QuarantineDesk, QuarantineDeskPorts } from "./desk.ts";
export { addQuarantineRoutes } from "./routes.ts";
