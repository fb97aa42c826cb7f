import http from "node:http";
import { createInterface } from "node:readline";

import {
  OPERATOR_PATHS,
  careRelationSchema,
  careRelationsSchema,
  checkReportSchema,
  confirmedEnrolmentSchema,
  countersSchema,
  endedCareSchema,
  enrolmentsSchema,
  invitationSchema,
  keyStatusSchema,
  operatorDevicesSchema,
  operatorNoticesSchema,
  operatorPatientsSchema,
  operatorSampleSchema,
  parseApi,
  problemSchema,
  registeredPatientSchema,
  registrationSchema,
  revokedDeviceSchema,
  rotatedKeySchema,
  sentNoticeSchema,
  staffAccountSchema,
  staffAccountsSchema,
  staffLinkSchema,
  summarySchema,
} from "@siphms/api";
import type {
  AddStaff,
  BeginCare,
  CareOf,
  CareRelations,
  CheckReport,
  ConfirmedEnrolment,
  ConfirmEnrolment,
  Counters,
  EndedCare,
  Enrolment,
  Invitation,
  KeyStatus,
  OperatorDevice,
  OperatorNotice,
  OperatorPatient,
  OperatorSample,
  RegisteredPatient,
  RegisterPatient,
  Registration,
  RevokedDevice,
  RotatedKey,
  RotateKey,
  SendNotice,
  SentNotice,
  StaffAccount,
  StaffLink,
  Summary,
  SummarySpan,
} from "@siphms/api";
import { resolveSocket } from "@siphms/server-kit";

import { CliError } from "../cli-error.ts";
import { sendJson, startRequest } from "./json-http.ts";
import type { JsonRequest } from "./json-http.ts";

/** The hospital refused what the operator asked; the message is the hospital's own. */
export class OperatorError extends CliError {
  readonly status: number;
  readonly type: string;

  constructor(message: string, problem: { readonly status: number; readonly type: string }) {
    super(message);
    this.status = problem.status;
    this.type = problem.type;
  }
}

/** Which readings to list; times in ms, `to` not included. */
export interface ReadingsFilter {
  readonly mrn: string;
  readonly from?: number;
  readonly to?: number;
  readonly kinds?: readonly string[];
}

/** The operator's side of a running hospital, by its Unix socket. Each call throws a {@link CliError} that says what to do. */
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
  /** Sample by sample as they come, so that a long record needs no memory. */
  readings(filter: ReadingsFilter): AsyncIterable<OperatorSample>;
  /** Hours or days in short. */
  summary(filter: ReadingsFilter & { readonly span: SummarySpan }): Promise<Summary>;
  addStaff(staff: AddStaff): Promise<StaffLink>;
  staff(): Promise<readonly StaffAccount[]>;
  disableStaff(name: string): Promise<StaffAccount>;
  check(): Promise<CheckReport>;
  registration(): Promise<Registration>;
  counters(): Promise<Counters>;
  close(): void;
}

/**
 * Makes the client of the hospital that listens on this socket; nothing is sent yet.
 *
 * @param socket - `run/hospital.sock` of an installation; a pointer beside it is followed.
 */
export function createOperatorClient(socket: string): OperatorClient {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  const ask = async (request: JsonRequest): Promise<unknown> => {
    const answer = await sendJson({ socketPath: resolveSocket(socket) }, request, agent).catch(
      (cause: unknown) => {
        throw notRunning(socket, cause);
      },
    );
    if (answer.status >= 400) throw refused(answer.status, answer.body);
    const value: unknown = JSON.parse(answer.body);
    return value;
  };
  const get = (path: string): Promise<unknown> => ask({ method: "GET", path });
  const post = (path: string, body: unknown): Promise<unknown> =>
    ask({ method: "POST", path, body });
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
    readings: (filter) => streamReadings(socket, filter),
    summary: async (filter) => {
      const query = rangeQuery(filter);
      query.set("span", filter.span);
      return parseApi(summarySchema, await get(`${OPERATOR_PATHS.summary}?${query.toString()}`));
    },
    sendNotice: async (notice) =>
      parseApi(sentNoticeSchema, await post(OPERATOR_PATHS.notices, notice)),
    notices: async (mrn) =>
      parseApi(operatorNoticesSchema, await get(byMrn(OPERATOR_PATHS.notices, mrn))).notices,
    keyStatus: async () => parseApi(keyStatusSchema, await get(OPERATOR_PATHS.keys)),
    rotateKey: async (rotation) =>
      parseApi(rotatedKeySchema, await post(OPERATOR_PATHS.rotateKey, rotation)),
    staff: async () => parseApi(staffAccountsSchema, await get(OPERATOR_PATHS.staff)).staff,
    disableStaff: async (name) =>
      parseApi(staffAccountSchema, await post(OPERATOR_PATHS.disableStaff, { name })),
    addStaff: async (staff) => parseApi(staffLinkSchema, await post(OPERATOR_PATHS.staff, staff)),
    check: async () => parseApi(checkReportSchema, await get(OPERATOR_PATHS.check)),
    registration: async () => parseApi(registrationSchema, await get(OPERATOR_PATHS.registration)),
    counters: async () => parseApi(countersSchema, await get(OPERATOR_PATHS.counters)),
    close: () => agent.destroy(),
  };
}

async function* streamReadings(
  socket: string,
  filter: ReadingsFilter,
): AsyncGenerator<OperatorSample, void, undefined> {
  const path = `${OPERATOR_PATHS.readings}?${rangeQuery(filter).toString()}`;
  const address = { socketPath: resolveSocket(socket) };
  const answer = await startRequest(address, { method: "GET", path }).catch((cause: unknown) => {
    throw notRunning(socket, cause);
  });
  const lines = createInterface({ input: answer, crlfDelay: Infinity });
  if ((answer.statusCode ?? 0) >= 400) {
    const text: string[] = [];
    for await (const line of lines) text.push(line);
    throw refused(answer.statusCode ?? 0, text.join("\n"));
  }
  for await (const line of lines) {
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

function notRunning(socket: string, cause: unknown): CliError {
  return new CliError(
    `No hospital answers on ${socket}. Start one with \`siphms up\`, or name its data folder with --data.`,
    { cause },
  );
}

function refused(status: number, body: string): CliError {
  const problem = parseProblem(body);
  const text = problem?.detail ?? `The hospital answered with status ${status}; see its log.`;
  return new OperatorError(text, { status, type: problem?.type ?? "" });
}

function parseProblem(body: string): { type: string; detail: string } | undefined {
  try {
    return parseApi(problemSchema, JSON.parse(body));
  } catch {
    // Not a problem document: the status has to do.
    return undefined;
  }
}
