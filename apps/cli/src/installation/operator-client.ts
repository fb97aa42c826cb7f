import http from "node:http";
import { createInterface } from "node:readline";

import {
  OPERATOR_PATHS,
  checkReportSchema,
  confirmedEnrolmentSchema,
  countersSchema,
  enrolmentsSchema,
  invitationSchema,
  operatorDevicesSchema,
  operatorPatientsSchema,
  operatorSampleSchema,
  parseApi,
  problemSchema,
  registeredPatientSchema,
  registrationSchema,
  revokedDeviceSchema,
  staffLinkSchema,
} from "@siphms/api";
import type {
  AddStaff,
  CheckReport,
  ConfirmedEnrolment,
  ConfirmEnrolment,
  Counters,
  Enrolment,
  Invitation,
  OperatorDevice,
  OperatorPatient,
  OperatorSample,
  RegisteredPatient,
  RegisterPatient,
  Registration,
  StaffLink,
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
  invite(mrn: string): Promise<Invitation>;
  enrolments(): Promise<readonly Enrolment[]>;
  confirm(enrolment: ConfirmEnrolment): Promise<ConfirmedEnrolment>;
  devices(mrn?: string): Promise<readonly OperatorDevice[]>;
  revoke(kid: string): Promise<{ readonly kid: string; readonly mrn: string }>;
  /** Sample by sample as they come, so that a long record needs no memory. */
  readings(filter: ReadingsFilter): AsyncIterable<OperatorSample>;
  addStaff(staff: AddStaff): Promise<StaffLink>;
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
  const query = new URLSearchParams({ mrn: filter.mrn });
  if (filter.from !== undefined) query.set("from", String(filter.from));
  if (filter.to !== undefined) query.set("to", String(filter.to));
  for (const kind of filter.kinds ?? []) query.append("kind", kind);
  const path = `${OPERATOR_PATHS.readings}?${query.toString()}`;
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
