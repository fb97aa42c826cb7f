export { loadPlan, loadPlans } from "./current-plan.ts";
export { createPlanDesk } from "./desk.ts";
export type { PlanDesk, PlanDeskPorts, PlanSetter, SetPlanOutcome } from "./desk.ts";
export { limitsForDevice } from "./device-limits.ts";
export { auditNameOfPlan, openReason, openRules, readPlanRow } from "./plan-rows.ts";
export { addPlanRoutes } from "./routes.ts";
