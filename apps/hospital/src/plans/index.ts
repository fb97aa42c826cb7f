export { loadPlan, loadPlans } from "./current-plan.ts";
