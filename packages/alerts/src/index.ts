export type {
  ChangeRule,
  DeviceRules,
  Level,
  LimitRule,
  News2Rule,
  NoDataRule,
  Part,
  Plan,
  TemplateName,
} from "./plan.ts";
export type { AlertChange, Channel, Finding, News2, News2Parameter, RuleKey } from "./alert.ts";
export { evaluate } from "./evaluate.ts";
export type { Evaluation, Input, Sample } from "./input.ts";
export { EMPTY_STATE, readState } from "./state.ts";
export type { PatientState } from "./state.ts";
export { patientLimitsOf } from "./limits.ts";
export type { PatientLimit } from "./limits.ts";
export { bandOf, NEWS2_PARAMETERS, scoreNews2 } from "./news2.ts";
export type { News2Values } from "./news2.ts";
export type { Point } from "./quantity.ts";
export { planTemplate, TEMPLATE_NAMES } from "./templates.ts";
export { checkPlan } from "./check-plan.ts";
export type { PlanFault } from "./check-plan.ts";
