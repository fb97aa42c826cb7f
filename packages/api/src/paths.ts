/** Paths of the console's API. A path with `:patient` is a pattern; fill it with {@link patientPath} and its sisters. */
export const CONSOLE_PATHS = {
  session: "/api/session",
  sessions: "/api/sessions",
  logInPasskeyRequest: "/api/log-in/passkey/request",
  logInPasskey: "/api/log-in/passkey",
  logInPassword: "/api/log-in/password",
  stepUpPasskeyRequest: "/api/session/step-up/passkey/request",
  stepUpPasskey: "/api/session/step-up/passkey",
  stepUpPassword: "/api/session/step-up/password",
  setUp: "/api/set-up",
  setUpPasskeyCreation: "/api/set-up/passkey/creation",
  setUpPasskey: "/api/set-up/passkey",
  setUpTotp: "/api/set-up/totp",
  setUpPassword: "/api/set-up/password",
  factors: "/api/factors",
  passkeyCreation: "/api/factors/passkeys/creation",
  passkeys: "/api/factors/passkeys",
  passkey: "/api/factors/passkeys/:passkey",
  totp: "/api/factors/totp",
  password: "/api/factors/password",
  recoveryCodes: "/api/factors/recovery-codes",
  staff: "/api/staff",
  disableStaff: "/api/staff/disable",
  staffRole: "/api/staff/role",
  staffNotices: "/api/staff-notices",
  seenStaffNotices: "/api/staff-notices/seen",
  patients: "/api/patients",
  patient: "/api/patients/:patient",
  readings: "/api/patients/:patient/readings",
  quarantine: "/api/patients/:patient/quarantine",
  quarantineEntries: "/api/patients/:patient/quarantine/entries",
  quarantineDecisions: "/api/patients/:patient/quarantine/decisions",
  summary: "/api/patients/:patient/summary",
  evidence: "/api/patients/:patient/evidence/:messageId",
  evidenceFile: "/api/patients/:patient/evidence/:messageId/file",
  patientDevices: "/api/patients/:patient/devices",
  revokeDevice: "/api/patients/:patient/devices/revoke",
  invitations: "/api/patients/:patient/invitations",
  confirmEnrolment: "/api/patients/:patient/enrolments/confirm",
  identityChecks: "/api/patients/:patient/identity-checks",
  messages: "/api/patients/:patient/messages",
  trends: "/api/trends",
  registry: "/api/registry",
  gateways: "/api/gateways",
  system: "/api/system",
  systemCheck: "/api/system/check",
  firstRun: "/api/first-run",
  live: "/api/live",
  care: "/api/care",
  endCare: "/api/care/end",
  breakGlass: "/api/break-glass",
  reviews: "/api/reviews",
  closeReview: "/api/reviews/close",
  accessLog: "/api/access-log",
  auditSearch: "/api/audit/search",
  auditChoices: "/api/audit/choices",
  activity: "/api/activity",
  activityEntries: "/api/activity/entries",
  reviewWeek: "/api/activity/reviews",
  alerts: "/api/alerts",
  seenAlerts: "/api/alerts/seen",
  patientAlerts: "/api/patients/:patient/alerts",
  acknowledgeAlert: "/api/patients/:patient/alerts/acknowledge",
  resolveAlert: "/api/patients/:patient/alerts/resolve",
  plan: "/api/patients/:patient/plan",
  planHistory: "/api/patients/:patient/plan/history",
  planTemplates: "/api/plan-templates",
  contact: "/api/contact",
  escalation: "/api/escalation",
  escalationPeople: "/api/escalation/people",
  systemAlerts: "/api/system/alerts",
  acknowledgeSystemAlert: "/api/system/alerts/acknowledge",
} as const;

/** Paths of the operator's API, served on the Unix socket {@link OPERATOR_SOCKET} alone. */
export const OPERATOR_PATHS = {
  health: "/operator/health",
  metrics: "/operator/metrics",
  counters: "/operator/counters",
  registration: "/operator/registration",
  check: "/operator/check",
  patients: "/operator/patients",
  invitations: "/operator/invitations",
  enrolments: "/operator/enrolments",
  confirmEnrolment: "/operator/enrolments/confirm",
  devices: "/operator/devices",
  revokeDevice: "/operator/devices/revoke",
  notices: "/operator/notices",
  care: "/operator/care",
  endCare: "/operator/care/end",
  keys: "/operator/keys",
  rotateKey: "/operator/keys/rotate",
  rotateLogKey: "/operator/keys/log",
  publicKeys: "/operator/keys/public",
  kek: "/operator/keys/kek",
  rotateKek: "/operator/keys/kek/rotate",
  finishKek: "/operator/keys/kek/finish",
  recovery: "/operator/keys/recovery",
  readings: "/operator/readings",
  summary: "/operator/summary",
  staff: "/operator/staff",
  integrations: "/operator/staff/integration",
  logInPassword: "/operator/log-in/password",
  logInKeyRequest: "/operator/log-in/key/request",
  logInKey: "/operator/log-in/key",
  session: "/operator/session",
  disableStaff: "/operator/staff/disable",
  mergeEntries: "/operator/audit/merge",
  /** Below it lies the audit log as tlog-tiles has it: `checkpoint`, `policy`, `tile/…`. */
  auditLog: "/operator/audit",
  compareAudit: "/operator/audit/compare",
  auditReadings: "/operator/audit/readings",
} as const;

/** The operator socket's name inside the installation's `run/` folder. */
export const OPERATOR_SOCKET = "hospital.sock";

/** The browser session's cookie: `__Host-` binds it to exactly this origin (SR-19). */
export const SESSION_COOKIE = "__Host-siphms";

/**
 * Request header that marks a request as made by the page, not by the person: value `1`.
 * A request with it is answered like any other but never extends the idle limit (SR-17), so send it with every
 * automatic refetch, retry and timer.
 */
export const BACKGROUND_HEADER = "siphms-background";

/**
 * Header of every answer of the console's API in emergency mode: when it began and up to when the copy of the records goes, both
 * in ms, with a space between; 0 where the latter is not known. No other answer has it.
 */
export const EMERGENCY_HEADER = "siphms-emergency";

/**
 * Where a page of the console expects the Content-Security-Policy nonce: the hospital replaces each occurrence in
 * `index.html` by a fresh nonce for every answer. Build with Vite's `html.cspNonce` set to this text, read it in the
 * browser from `<meta property="csp-nonce">`'s `nonce` property, and hand it to the component library's style tags.
 */
export const CSP_NONCE_PLACEHOLDER = "SIPHMS-CSP-NONCE";

/** The path of one patient's page data. */
export function patientPath(patient: string): string {
  return `${CONSOLE_PATHS.patients}/${encodeURIComponent(patient)}`;
}

/** What a readings query may name; times in ms, `to` not included. */
export interface ReadingsRange {
  readonly from: number;
  readonly to: number;
  readonly kinds?: readonly string[];
  readonly limit?: number;
}

/** The path and query of a patient's readings in a time range. */
export function readingsPath(patient: string, range: ReadingsRange): string {
  const query = new URLSearchParams({ from: String(range.from), to: String(range.to) });
  for (const kind of range.kinds ?? []) query.append("kind", kind);
  if (range.limit !== undefined) query.set("limit", String(range.limit));
  return `${patientPath(patient)}/readings?${query.toString()}`;
}

/** What a summary query names; times in ms, `to` not included. */
export interface SummaryRange {
  readonly from: number;
  readonly to: number;
  readonly span: "hour" | "day";
  readonly kinds?: readonly string[];
}

/** The path and query of a patient's hourly or daily summaries. */
export function summaryPath(patient: string, { from, to, span, kinds = [] }: SummaryRange): string {
  const query = new URLSearchParams({ from: String(from), to: String(to), span });
  for (const kind of kinds) query.append("kind", kind);
  return `${patientPath(patient)}/summary?${query.toString()}`;
}

/** The path of one of the signed-in person's passkeys. */
export function passkeyPath(passkey: string): string {
  return `${CONSOLE_PATHS.passkeys}/${encodeURIComponent(passkey)}`;
}

/** The path of a patient's quarantine summary. */
export function quarantinePath(patient: string): string {
  return `${patientPath(patient)}/quarantine`;
}

/** The path of what stands in a patient's quarantine, or of what was decided about it. */
export function quarantineEntriesPath(patient: string, state: "held" | "decided"): string {
  return `${quarantinePath(patient)}/entries?state=${state}`;
}

/** Where decisions about a patient's quarantine are posted. */
export function quarantineDecisionsPath(patient: string): string {
  return `${quarantinePath(patient)}/decisions`;
}

/** What names one signed message of a patient. */
export interface MessageName {
  readonly patient: string;
  /** base64url. */
  readonly messageId: string;
  /** The device's kid, base64url. */
  readonly device?: string;
}

/** The path of the evidence for one signed message. */
export function evidencePath({ patient, messageId, device }: MessageName): string {
  const query = device === undefined ? "" : `?device=${encodeURIComponent(device)}`;
  return `${patientPath(patient)}/evidence/${encodeURIComponent(messageId)}${query}`;
}

/** The path from which the evidence for one signed message is downloaded as a file. */
export function evidenceFilePath({ patient, messageId, device }: MessageName): string {
  const query = device === undefined ? "" : `?device=${encodeURIComponent(device)}`;
  return `${patientPath(patient)}/evidence/${encodeURIComponent(messageId)}/file${query}`;
}

/** What can be asked or done about one patient's devices and messages. */
export type PatientPart =
  | "alerts"
  | "alerts/acknowledge"
  | "alerts/resolve"
  | "devices"
  | "devices/revoke"
  | "enrolments/confirm"
  | "identity-checks"
  | "invitations"
  | "messages"
  | "plan"
  | "plan/history";

/** The path of one part of a patient's page. */
export function patientPartPath(patient: string, part: PatientPart): string {
  return `${patientPath(patient)}/${part}`;
}

/** The path and query of the trends of some patients. */
export function trendsPath(patients: readonly string[]): string {
  const query = new URLSearchParams(patients.map((patient) => ["patient", patient]));
  return `${CONSOLE_PATHS.trends}?${query.toString()}`;
}

/** The page that verifies evidence without the hospital: one file, to be downloaded and opened anywhere. */
export const EVIDENCE_VERIFIER_PATH = "/evidence-verifier.html";
