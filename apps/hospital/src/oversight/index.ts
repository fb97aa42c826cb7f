export { createOversightDesk } from "./desk.ts";
export type { OversightDesk, OversightPorts } from "./desk.ts";
export { auditNameOfWeek, openReviewNote, readReview } from "./review-rows.ts";
export { addOversightRoutes } from "./routes.ts";
