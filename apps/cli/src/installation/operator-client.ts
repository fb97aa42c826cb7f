import { createInterface } from "node:readline";

import {
  AUDIT_READING_HEADER,
  auditPartSchema,
  auditReadingSchema,
  OPERATOR_PATHS,
  careRelationSchema,
  careRelationsSchema,
  checkReportSchema,
  confirmedEnrolmentSchema,
  countersSchema,
  endedCareSchema,
  enrolmentsSchema,
  finishedKekSchema,
  invitationSchema,
  kekStatusSchema,
  keyStatusSchema,
  operatorDevicesSchema,
  operatorNoticesSchema,
  operatorPatientsSchema,
  operatorSampleSchema,
  parseApi,
  publicKeysSchema,
  recoverySchema,
  registeredPatientSchema,
  registrationSchema,
  revokedDeviceSchema,
  rotatedKekSchema,
  rotatedKeySchema,
  rotatedLogSchema,
  sentNoticeSchema,
  staffAccountSchema,
  staffAccountsSchema,
  staffLinkSchema,
  summarySchema,
} from "@siphms/api";
import type {
  AddIntegration,
  AddStaff,
  AuditPart,
  AuditPlace,
  AuditReading,
  BeginCare,
  CareOf,
  CareRelations,
  CheckReport,
  ConfirmedEnrolment,
  ConfirmEnrolment,
  Counters,
  EndedCare,
  Enrolment,
  FinishedKek,
  Invitation,
  KekStatus,
  KeyStatus,
  OperatorDevice,
  OperatorNotice,
  OperatorPatient,
  OperatorSample,
  PublicKeys,
  Recovery,
  RegisteredPatient,
  RegisterPatient,
  Registration,
  RevokedDevice,
  RotatedKek,
  RotatedKey,
  RotatedLog,
  RotateKek,
  RotateKey,
  SendNotice,
  SentNotice,
  StaffAccount,
  StaffLink,
  Summary,
  SummarySpan,
} from "@siphms/api";

import type { LogSource } from "@siphms/audit";

import { CliError } from "../cli-error.ts";
import { createOperatorRequests } from "./operator-requests.ts";
import type { OperatorLogin, OperatorRequests } from "./operator-requests.ts";

/** Which readings to list; times in ms, `to` not included. */
export interface ReadingsFilter {
  readonly mrn: string;
  readonly from?: number;
  readonly to?: number;
  readonly kinds?: readonly string[];
}

/** A running hospital by its Unix socket, for the operator and for whoever has logged in. Each call throws a {@link CliError} that says what to do. */
export interface OperatorClient {
  patients(mrn?: string): Promise<readonly OperatorPatient[]>;
  addPatient(patient: RegisterPatient): Promise<RegisteredPatient>;
  /** Puts a patient into the care of a doctor or nurse, who is then shown the record. */
  beginCare(relation: BeginCare): Promise<CareRelations["relations"][number]>;
  endCare(relation: CareOf): Promise<EndedCare>;
  /** Who has whom in their care now. */
  care(mrn?: string): Promise<CareRelations["relations"]>;
  invite(mrn: string): Promise<Invitation>;
  enrolments(): Promise<readonly Enrolment[]>;
  confirm(enrolment: ConfirmEnrolment): Promise<ConfirmedEnrolment>;
  devices(mrn?: string): Promise<readonly OperatorDevice[]>;
  revoke(kid: string): Promise<RevokedDevice>;
  sendNotice(notice: SendNotice): Promise<SentNotice>;
  notices(mrn: string): Promise<readonly OperatorNotice[]>;
  keyStatus(): Promise<KeyStatus>;
  rotateKey(rotation: RotateKey): Promise<RotatedKey>;
  rotateLog(): Promise<RotatedLog>;
  publicKeys(): Promise<PublicKeys>;
  kekStatus(): Promise<KekStatus>;
  rotateKek(rotation: RotateKek): Promise<RotatedKek>;
  finishKek(): Promise<FinishedKek>;
  exportRecovery(passphrase: string): Promise<Recovery>;
  /** Sample by sample as they come, so that a long record needs no memory. */
  readings(filter: ReadingsFilter): AsyncIterable<OperatorSample>;
  /** Hours or days in short. */
  summary(filter: ReadingsFilter & { readonly span: SummarySpan }): Promise<Summary>;
  addStaff(staff: AddStaff): Promise<StaffLink>;
  /** Adds a machine's account, or gives it another key. */
  addIntegration(integration: AddIntegration): Promise<StaffAccount>;
  staff(): Promise<readonly StaffAccount[]>;
  disableStaff(name: string): Promise<StaffAccount>;
  check(): Promise<CheckReport>;
  registration(): Promise<Registration>;
  counters(): Promise<Counters>;
  /** The audit log, as it is served for whoever verifies it; without its entries. */
  readonly auditLog: LogSource;
  /** Has it put on record why the log is read. @returns The log with its entries. */
  readAuditLog(why: AuditReading): Promise<LogSource>;
  /** Has the hospital compare audit rows with what the log says of them: the part at a place, or the first one. */
  compareAudit(place?: AuditPlace): Promise<AuditPart>;
  close(): void;
}

/**
 * Makes the client of the hospital that listens on this socket; nothing is sent yet.
 *
 * @param socket - `run/hospital.sock` of an installation; a pointer beside it is followed.
 * @param login - Says who asks; without it the hospital refuses all that is about patients.
 */
export function createOperatorClient(socket: string, login?: OperatorLogin): OperatorClient {
  const requests = createOperatorRequests(socket, login);
  return {
    ...operations(requests),
    ...patientData(requests),
    auditLog: createLogSource(requests),
    close: () => requests.close(),
  };
}

type PatientCalls =
  | "addPatient"
  | "beginCare"
  | "care"
  | "confirm"
  | "devices"
  | "endCare"
  | "enrolments"
  | "invite"
  | "notices"
  | "patients"
  | "readings"
  | "revoke"
  | "sendNotice"
  | "summary";

/** What shows or changes data of patients: asked as whoever has logged in. */
function patientData(requests: OperatorRequests): Pick<OperatorClient, PatientCalls> {
  const get = (path: string): Promise<unknown> => requests.askAs({ method: "GET", path });
  const post = (path: string, body: unknown): Promise<unknown> =>
    requests.askAs({ method: "POST", path, body });
  return {
    patients: async (mrn) =>
      parseApi(operatorPatientsSchema, await get(byMrn(OPERATOR_PATHS.patients, mrn))).patients,
    addPatient: async (patient) =>
      parseApi(registeredPatientSchema, await post(OPERATOR_PATHS.patients, patient)),
    beginCare: async (relation) =>
      parseApi(careRelationSchema, await post(OPERATOR_PATHS.care, relation)),
    endCare: async (relation) =>
      parseApi(endedCareSchema, await post(OPERATOR_PATHS.endCare, relation)),
    care: async (mrn) =>
      parseApi(careRelationsSchema, await get(byMrn(OPERATOR_PATHS.care, mrn))).relations,
    invite: async (mrn) =>
      parseApi(invitationSchema, await post(OPERATOR_PATHS.invitations, { mrn })),
    enrolments: async () => parseApi(enrolmentsSchema, await get(OPERATOR_PATHS.enrolments)),
    confirm: async (enrolment) =>
      parseApi(confirmedEnrolmentSchema, await post(OPERATOR_PATHS.confirmEnrolment, enrolment)),
    devices: async (mrn) =>
      parseApi(operatorDevicesSchema, await get(byMrn(OPERATOR_PATHS.devices, mrn))).devices,
    revoke: async (kid) =>
      parseApi(revokedDeviceSchema, await post(OPERATOR_PATHS.revokeDevice, { kid })),
    readings: (filter) => streamReadings(requests, filter),
    summary: async (filter) => {
      const query = rangeQuery(filter);
      query.set("span", filter.span);
      return parseApi(summarySchema, await get(`${OPERATOR_PATHS.summary}?${query.toString()}`));
    },
    sendNotice: async (notice) =>
      parseApi(sentNoticeSchema, await post(OPERATOR_PATHS.notices, notice)),
    notices: async (mrn) =>
      parseApi(operatorNoticesSchema, await get(byMrn(OPERATOR_PATHS.notices, mrn))).notices,
  };
}

/** What the operator does by being at the socket. */
function operations(
  requests: OperatorRequests,
): Omit<OperatorClient, PatientCalls | "auditLog" | "close"> {
  const get = (path: string): Promise<unknown> => requests.ask({ method: "GET", path });
  const post = (path: string, body: unknown): Promise<unknown> =>
    requests.ask({ method: "POST", path, body });
  const tell = (path: string): Promise<unknown> => requests.ask({ method: "POST", path });
  return {
    keyStatus: async () => parseApi(keyStatusSchema, await get(OPERATOR_PATHS.keys)),
    rotateKey: async (rotation) =>
      parseApi(rotatedKeySchema, await post(OPERATOR_PATHS.rotateKey, rotation)),
    rotateLog: async () => parseApi(rotatedLogSchema, await tell(OPERATOR_PATHS.rotateLogKey)),
    publicKeys: async () => parseApi(publicKeysSchema, await get(OPERATOR_PATHS.publicKeys)),
    kekStatus: async () => parseApi(kekStatusSchema, await get(OPERATOR_PATHS.kek)),
    rotateKek: async (rotation) =>
      parseApi(rotatedKekSchema, await post(OPERATOR_PATHS.rotateKek, rotation)),
    finishKek: async () => parseApi(finishedKekSchema, await tell(OPERATOR_PATHS.finishKek)),
    exportRecovery: async (passphrase) =>
      parseApi(recoverySchema, await post(OPERATOR_PATHS.recovery, { passphrase })),
    staff: async () => parseApi(staffAccountsSchema, await get(OPERATOR_PATHS.staff)).staff,
    disableStaff: async (name) =>
      parseApi(staffAccountSchema, await post(OPERATOR_PATHS.disableStaff, { name })),
    addIntegration: async (integration) =>
      parseApi(staffAccountSchema, await post(OPERATOR_PATHS.integrations, integration)),
    addStaff: async (staff) => parseApi(staffLinkSchema, await post(OPERATOR_PATHS.staff, staff)),
    check: async () => parseApi(checkReportSchema, await get(OPERATOR_PATHS.check)),
    registration: async () => parseApi(registrationSchema, await get(OPERATOR_PATHS.registration)),
    readAuditLog: async (why) => {
      const answer = await post(OPERATOR_PATHS.auditReadings, { why });
      const { reading } = parseApi(auditReadingSchema, answer);
      return createLogSource(requests, { [AUDIT_READING_HEADER]: reading });
    },
    compareAudit: async (place) =>
      parseApi(auditPartSchema, await post(OPERATOR_PATHS.compareAudit, { place })),
    counters: async () => parseApi(countersSchema, await get(OPERATOR_PATHS.counters)),
  };
}

function createLogSource(
  requests: OperatorRequests,
  headers?: Readonly<Record<string, string>>,
): LogSource {
  return { read: (path) => requests.read(`${OPERATOR_PATHS.auditLog}/${path}`, headers) };
}

async function* streamReadings(
  requests: OperatorRequests,
  filter: ReadingsFilter,
): AsyncGenerator<OperatorSample, void, undefined> {
  const path = `${OPERATOR_PATHS.readings}?${rangeQuery(filter).toString()}`;
  const answer = await requests.streamAs({ method: "GET", path });
  for await (const line of createInterface({ input: answer, crlfDelay: Infinity })) {
    if (line !== "") yield parseApi(operatorSampleSchema, JSON.parse(line));
  }
  if (!answer.complete) throw new CliError("The hospital ended in the middle of its answer.");
}

function rangeQuery({ mrn, from, to, kinds = [] }: ReadingsFilter): URLSearchParams {
  const query = new URLSearchParams({ mrn });
  if (from !== undefined) query.set("from", String(from));
  if (to !== undefined) query.set("to", String(to));
  for (const kind of kinds) query.append("kind", kind);
  return query;
}

function byMrn(path: string, mrn: string | undefined): string {
  return mrn === undefined ? path : `${path}?${new URLSearchParams({ mrn }).toString()}`;
}
