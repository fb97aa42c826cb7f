export {
  CONSOLE_PATHS,
  OPERATOR_PATHS,
  OPERATOR_SOCKET,
  SESSION_COOKIE,
  BACKGROUND_HEADER,
  EMERGENCY_HEADER,
  CSP_NONCE_PLACEHOLDER,
  patientPath,
  readingsPath,
  quarantinePath,
  passkeyPath,
  summaryPath,
  quarantineEntriesPath,
  quarantineDecisionsPath,
  evidencePath,
  evidenceFilePath,
  patientPartPath,
  trendsPath,
  EVIDENCE_VERIFIER_PATH,
} from "./paths.ts";
export type { MessageName, PatientPart, ReadingsRange, SummaryRange } from "./paths.ts";
export { AUDIT_READING_HEADER, AUDIT_READINGS, auditPartSchema } from "./audit-log.ts";
export { auditReadingSchema, beginReadingSchema, compareAuditSchema } from "./audit-log.ts";
export type { AuditDifference, AuditPart, AuditPlace, AuditReading } from "./audit-log.ts";
export { compareByParts, MAX_AUDIT_FINDINGS } from "./audit-comparison.ts";
export type { AuditComparison } from "./audit-comparison.ts";
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
export { secondFactorOf } from "./second-factor.ts";
export {
  PURPOSE_HEADER,
  addIntegrationSchema,
  commandSessionSchema,
  integrationKeyFileSchema,
  integrationKeySchema,
  keyLogInText,
  keyProofSchema,
  keyRequestSchema,
  openedCommandSessionSchema,
  statedPurposeSchema,
} from "./command-log-in.ts";
export type {
  AddIntegration,
  IntegrationKey,
  IntegrationKeyFile,
  KeyProof,
  OpenedCommandSession,
  StatedPurpose,
} from "./command-log-in.ts";
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
export { runsOfSamples, samplesOfRuns } from "./sample-runs.ts";
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
export { exportRecoverySchema, finishedKekSchema, hospitalKeySchema } from "./operator-keys.ts";
export { kekStatusSchema, keyStatusSchema, OLD_KEY_DAYS } from "./operator-keys.ts";
export { publicKeysSchema, recoverySchema, rotatedKekSchema } from "./operator-keys.ts";
export { rotatedKeySchema, rotatedLogSchema, rotateKekSchema } from "./operator-keys.ts";
export { rotateKeySchema } from "./operator-keys.ts";
export type { ExportRecovery, FinishedKek, KekStatus, KeyStatus } from "./operator-keys.ts";
export type { PublicKeys, Recovery, RotatedKek, RotatedKey, RotatedLog } from "./operator-keys.ts";
export type { RotateKek, RotateKey } from "./operator-keys.ts";
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
export { ACTIVITY_FIGURES, AUDIT_PAGE, STORED_READINGS, activityEntriesSchema } from "./audit.ts";
export { activityFigureSchema, activityQuerySchema, activitySchema } from "./audit.ts";
export { auditChoicesSchema, auditEntriesSchema, auditEntrySchema } from "./audit.ts";
export { auditSearchSchema, reviewWeekSchema } from "./audit.ts";
export type { Activity, ActivityEntries, ActivityFigure, AuditChoices } from "./audit.ts";
export type { AuditLine, AuditLines, AuditSearch, PersonActivity, ReviewWeek } from "./audit.ts";
export { decisionSchema } from "./decisions.ts";
export type { Decision } from "./decisions.ts";
export {
  EVIDENCE_CHECKS,
  messageIdSchema,
  evidenceCheckSchema,
  evidenceFileSchema,
  evidenceKeySchema,
  evidenceSchema,
  evidenceQuerySchema,
} from "./evidence.ts";
export type { Evidence, EvidenceCheck, EvidenceFile, EvidenceQuery } from "./evidence.ts";
export {
  MAX_QUARANTINE_ITEMS,
  unreleasableSchema,
  quarantineEntrySchema,
  quarantineEntriesSchema,
  quarantineQuerySchema,
  decideQuarantineSchema,
} from "./quarantine.ts";
export type {
  DecideQuarantine,
  QuarantineEntries,
  QuarantineEntry,
  QuarantineQuery,
  Unreleasable,
} from "./quarantine.ts";
export {
  newPatientSchema,
  registryDeviceSchema,
  deviceSensorSchema,
  registryPatientSchema,
  registrySchema,
  patientDevicesSchema,
  confirmCodeSchema,
  changedDeviceSchema,
  revokeOneSchema,
  identityFactSchema,
  identityCheckSchema,
} from "./registry.ts";
export type {
  ChangedDevice,
  ConfirmCode,
  DeviceSensor,
  IdentityCheck,
  IdentityFact,
  NewPatient,
  PatientDevices,
  Registry,
  RegistryDevice,
  RegistryPatient,
} from "./registry.ts";
export {
  newMessageSchema,
  sentMessageSchema,
  patientMessageSchema,
  patientMessagesSchema,
} from "./messages.ts";
export type { NewMessage, PatientMessage, PatientMessages, SentMessage } from "./messages.ts";
export {
  gatewaySchema,
  gatewaysSchema,
  ranCheckSchema,
  systemSchema,
  firstRunSchema,
} from "./system.ts";
export type { FirstRun, Gateways, GatewayStatus, RanCheck, SystemStatus } from "./system.ts";
export {
  MAX_TREND_PATIENTS,
  TREND_STEP_MS,
  TREND_STEPS,
  trendSchema,
  trendsQuerySchema,
  trendsSchema,
} from "./trends.ts";
export type { Trend, Trends, TrendsQuery } from "./trends.ts";
export {
  levelSchema,
  partSchema,
  templateSchema,
  limitRuleSchema,
  planRulesSchema,
  planSchema,
  planHistorySchema,
  setPlanSchema,
  planTemplatesSchema,
} from "./plans.ts";
export type { PlanRules, PatientPlan, PlanHistory, SetPlan, PlanTemplates } from "./plans.ts";
export {
  news2ParameterSchema,
  news2Schema,
  findingSchema,
  toldSchema,
  alertSchema,
  alertStandSchema,
  alertListSchema,
  alertHistorySchema,
  alertHistoryQuerySchema,
  NOTE_LENGTH,
  resolveAlertSchema,
  acknowledgeAlertSchema,
  seenAlertsSchema,
  liveAlertSchema,
} from "./alerts.ts";
export type {
  ApiNews2,
  ApiFinding,
  Told,
  ApiAlert,
  AlertStand,
  AlertList,
  AlertHistory,
  AlertHistoryQuery,
  ResolveAlert,
  AcknowledgeAlert,
  SeenAlerts,
  LiveAlert,
} from "./alerts.ts";
export {
  contactSchema,
  ownContactSchema,
  currentEscalationSchema,
  setEscalationSchema,
  systemAlertSchema,
  systemAlertsSchema,
  acknowledgeSystemAlertSchema,
  escalationPeopleSchema,
} from "./contacts.ts";
export type {
  Contact,
  OwnContact,
  CurrentEscalation,
  SetEscalation,
  SystemAlert,
  SystemAlerts,
  AcknowledgeSystemAlert,
  EscalationPeople,
} from "./contacts.ts";
export { ApiError, parseApi } from "./parse.ts";
export { mergeReportSchema, type MergeReport } from "./emergency.ts";
