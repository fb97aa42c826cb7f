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
export { EMPTY_STATE, evaluate } from "./evaluate.ts";
export type { Evaluation, Input, PatientState, Sample } from "./evaluate.ts";
