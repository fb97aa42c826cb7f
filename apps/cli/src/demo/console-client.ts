import http from "node:http";

import {
  CONSOLE_PATHS,
  parseApi,
  patientListSchema,
  quarantinePath,
  quarantineSummarySchema,
  readingsPath,
  readingsSchema,
  samplesOfRuns,
  SESSION_COOKIE,
} from "@siphms/api";
import type { ApiSample, PatientSummary, QuarantineSummary, Readings } from "@siphms/api";

import { CliError } from "../cli-error.ts";
import { sendJson } from "../installation/json-http.ts";
import type { JsonAnswer, JsonRequest } from "../installation/json-http.ts";

/** The console's API as a doctor's browser uses it. */
export interface ConsoleClient {
  patients(): Promise<readonly PatientSummary[]>;
  /** All samples of a patient, page by page, quarantined ones too. */
  readings(patient: string): AsyncIterable<ApiSample>;
  quarantine(patient: string): Promise<QuarantineSummary>;
  /** What a request has to carry to be this session's: for a stream, which this client does not read. */
  readonly headers: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** The end of time for a readings query: 1 January 2100. */
const FAR_FUTURE_MS = 4_102_444_800_000;

/**
 * Signs in with a demo link, as a browser would, and keeps the session's cookie.
 *
 * @param link - One-use link of `staff add`: its token stands in the fragment.
 * @throws {CliError} when the link is not taken.
 */
export async function signIn(link: string): Promise<ConsoleClient> {
  const url = new URL(link);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const address = { host: url.hostname, port: Number(url.port) };
  const headers = { host: url.host, origin: url.origin, "sec-fetch-site": "same-origin" };
  const send = (request: JsonRequest): Promise<JsonAnswer> =>
    sendJson(address, { ...request, headers: { ...headers, ...request.headers } }, agent);
  const body = { token: url.hash.slice(1) };
  const opened = await send({ method: "POST", path: CONSOLE_PATHS.session, body });
  const cookie = sessionCookie(opened);
  if (cookie === undefined) {
    throw new CliError(
      `The console did not take the demo doctor's link (status ${opened.status}).`,
    );
  }
  const get = async (path: string): Promise<unknown> => {
    const answer = await send({ method: "GET", path, headers: { cookie } });
    if (answer.status !== 200) {
      throw new CliError(
        `The console answered with status ${answer.status}; see the hospital's log.`,
      );
    }
    const value: unknown = JSON.parse(answer.body);
    return value;
  };
  return {
    patients: async () => parseApi(patientListSchema, await get(CONSOLE_PATHS.patients)).patients,
    readings: (patient) => readAll(get, patient),
    quarantine: async (patient) =>
      parseApi(quarantineSummarySchema, await get(quarantinePath(patient))),
    headers: { ...headers, cookie },
    close: async () => {
      await send({ method: "DELETE", path: CONSOLE_PATHS.session, headers: { cookie } });
      agent.destroy();
    },
  };
}

async function* readAll(
  get: (path: string) => Promise<unknown>,
  patient: string,
): AsyncGenerator<ApiSample, void, undefined> {
  let from: number | undefined = 0;
  while (from !== undefined) {
    const path = readingsPath(patient, { from, to: FAR_FUTURE_MS });
    const page: Readings = parseApi(readingsSchema, await get(path));
    yield* samplesOfRuns(page.runs);
    from = page.next;
  }
}

function sessionCookie(answer: JsonAnswer): string | undefined {
  const set = (answer.headers["set-cookie"] ?? []).find((one) =>
    one.startsWith(`${SESSION_COOKIE}=`),
  );
  return set?.split(";")[0];
}
