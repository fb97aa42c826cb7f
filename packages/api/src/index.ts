export {
  CONSOLE_PATHS,
  OPERATOR_PATHS,
  OPERATOR_SOCKET,
  SESSION_COOKIE,
  BACKGROUND_HEADER,
  CSP_NONCE_PLACEHOLDER,
  patientPath,
  readingsPath,
  quarantinePath,
} from "./paths.ts";
export type { ReadingsRange } from "./paths.ts";
export { PROBLEM_MEDIA_TYPE, PROBLEMS, problemSchema, problemType } from "./problem.ts";
export type { Problem, ProblemName } from "./problem.ts";
export {
  KIND_NAMES,
  TEXT_LIMITS,
  kindSchema,
  timeSchema,
  valueSchema,
  originSchema,
  sourceSchema,
  roleSchema,
  deviceStateSchema,
  sexSchema,
} from "./vocabulary.ts";
export type { ApiValue, PatientSource, Role, DeviceState, Sex } from "./vocabulary.ts";
export { openSessionSchema, sessionInfoSchema } from "./session.ts";
export type { OpenSession, SessionInfo } from "./session.ts";
export {
  MAX_READINGS,
  latestValueSchema,
  apiSampleSchema,
  readingsSchema,
  readingsQuerySchema,
  quarantineSummarySchema,
} from "./readings.ts";
export type {
  LatestValue,
  ApiSample,
  Readings,
  ReadingsQuery,
  QuarantineSummary,
} from "./readings.ts";
export {
  dateSchema,
  patientSummarySchema,
  patientDeviceSchema,
  patientDetailSchema,
  attributionSchema,
  patientListSchema,
} from "./patients.ts";
export type {
  PatientSummary,
  PatientDevice,
  PatientDetail,
  Attribution,
  PatientList,
} from "./patients.ts";
export { LIVE_EVENTS, liveReadingSchema, livePatientSchema, liveEnrolmentSchema } from "./live.ts";
export type { LiveEventName, LiveReading, LivePatient, LiveEnrolment } from "./live.ts";
export {
  mrnSchema,
  demoClockSchema,
  registerPatientSchema,
  registeredPatientSchema,
  operatorPatientSchema,
  operatorPatientsSchema,
  byMrnSchema,
  inviteSchema,
  invitationSchema,
  enrolmentSchema,
  enrolmentsSchema,
  confirmEnrolmentSchema,
  confirmedEnrolmentSchema,
  operatorDeviceSchema,
  operatorDevicesSchema,
  revokeDeviceSchema,
  revokedDeviceSchema,
  addStaffSchema,
  staffLinkSchema,
  staffAccountSchema,
  staffAccountsSchema,
  disableStaffSchema,
  operatorReadingsQuerySchema,
  operatorSampleSchema,
  checkReportSchema,
  registrationSchema,
  countersSchema,
  healthSchema,
} from "./operator.ts";
export type {
  DemoClock,
  RegisterPatient,
  RegisteredPatient,
  OperatorPatient,
  Invitation,
  Enrolment,
  ConfirmEnrolment,
  ConfirmedEnrolment,
  OperatorDevice,
  AddStaff,
  StaffLink,
  OperatorSample,
  CheckReport,
  Registration,
  Counters,
  Health,
} from "./operator.ts";
export { ApiError, parseApi } from "./parse.ts";
