export { CONSCIOUSNESS_LEVELS, isKind, kindByName, kindInfo, KINDS } from "./kinds.ts";
export type { Kind, KindInfo, KindName } from "./kinds.ts";
export { isOrigin, originName } from "./origin.ts";
export type { Origin, OriginName } from "./origin.ts";
export { fromClinical, isPressureValue, isWireValue, toClinical } from "./values.ts";
export type { PressureValue, WireValue } from "./values.ts";
export { judge } from "./judge.ts";
export type { Judgement, QuarantineReason } from "./judge.ts";
