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
  passkeyPath,
  summaryPath,
} from "./paths.ts";
export type { ReadingsRange, SummaryRange } from "./paths.ts";
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
  personRoleSchema,
  deviceStateSchema,
  sexSchema,
} from "./vocabulary.ts";
export type { ApiValue, PatientSource, Role, PersonRole, DeviceState, Sex } from "./vocabulary.ts";
export { openSessionSchema, sessionInfoSchema } from "./session.ts";
export type { OpenSession, SessionInfo } from "./session.ts";
export {
  passkeyProofSchema,
  passkeyRequestSchema,
  passwordLogInSchema,
  passwordProofSchema,
  secondFactorSchema,
} from "./log-in.ts";
export type { PasskeyProof, PasskeyRequest, PasswordLogIn, PasswordProof } from "./log-in.ts";
export {
  addPasskeySchema,
  factorsSchema,
  newPasskeySchema,
  passkeyCreationSchema,
  recoveryCodesSchema,
  setPasswordSchema,
  setUpPasskeySchema,
  setUpPasswordSchema,
  setUpPersonSchema,
  staffNoticesSchema,
  seenNoticesSchema,
  totpOfferSchema,
} from "./factors.ts";
export type {
  AddPasskey,
  Factors,
  NewPasskey,
  PasskeyCreation,
  RecoveryCodes,
  SeenNotices,
  SetPassword,
  SetUpPasskey,
  SetUpPassword,
  SetUpPerson,
  StaffNotices,
  TotpOffer,
} from "./factors.ts";
export {
  MAX_READINGS,
  latestValueSchema,
  apiSampleSchema,
  sampleRunSchema,
  readingsSchema,
  readingsQuerySchema,
  quarantineSummarySchema,
} from "./readings.ts";
export type {
  LatestValue,
  ApiSample,
  SampleRun,
  Readings,
  ReadingsQuery,
  QuarantineSummary,
} from "./readings.ts";
export { samplesOfRuns } from "./sample-runs.ts";
export {
  MAX_SUMMARIES,
  summarySpanSchema,
  summarySeriesSchema,
  summarySchema,
  summaryQuerySchema,
  operatorSummaryQuerySchema,
} from "./summaries.ts";
export type {
  SummarySpan,
  SummarySeries,
  Summary,
  SummaryQuery,
  OperatorSummaryQuery,
} from "./summaries.ts";
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
  ofMrnSchema,
  kidSchema,
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
  RevokedDevice,
  StaffAccount,
  StaffLink,
  OperatorSample,
  CheckReport,
  Registration,
  Counters,
  Health,
} from "./operator.ts";
export {
  OLD_KEY_DAYS,
  hospitalKeySchema,
  keyStatusSchema,
  rotateKeySchema,
  rotatedKeySchema,
} from "./operator-keys.ts";
export type { KeyStatus, RotateKey, RotatedKey } from "./operator-keys.ts";
export {
  sendNoticeSchema,
  sentNoticeSchema,
  operatorNoticeSchema,
  operatorNoticesSchema,
} from "./operator-notices.ts";
export type { OperatorNotice, SendNotice, SentNotice } from "./operator-notices.ts";
export {
  REASON_LENGTH,
  careOfSchema,
  beginCareSchema,
  careRelationSchema,
  careRelationsSchema,
  endedCareSchema,
  breakGlassSchema,
  openedGlassSchema,
  reviewVerdictSchema,
  reviewSchema,
  reviewsSchema,
  closeReviewSchema,
  purposeSchema,
  accessLogEntrySchema,
  accessLogSchema,
  liveBreakGlassSchema,
} from "./access.ts";
export type {
  CareOf,
  BeginCare,
  CareRelations,
  EndedCare,
  BreakGlassRequest,
  OpenedGlass,
  ReviewVerdict,
  Reviews,
  CloseReview,
  Purpose,
  AccessLog,
  LiveBreakGlass,
} from "./access.ts";
export { ApiError, parseApi } from "./parse.ts";
