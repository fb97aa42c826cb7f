import { randomBytes } from "node:crypto";

import { toBase64Url } from "@siphms/cose";
import { envelopesPath, formatPreferWait, HEADERS, MEDIA_TYPES } from "@siphms/relay";

import { createNodeHttp } from "../../device-state/node-http.ts";
import { createMachineClient } from "../../installation/key-login.ts";
import type { BenchSession } from "../harness/bench-device.ts";
import { enrolBenchDevices, mapAtOnce, openBenchSession } from "../harness/bench-devices.ts";
import {
  BEATS,
  checkReceipt,
  SAMPLES_PER_ENVELOPE,
  sealReadings,
} from "../harness/bench-envelopes.ts";
import type { Beats } from "../harness/bench-envelopes.ts";
import { createHttpGateway } from "../harness/http-gateway.ts";
import { PLAIN_PATHS } from "../plain/plain-tables.ts";
import type { PlainForm, PlainMessage } from "../plain/plain-tables.ts";
import { firstRacing } from "./racing.ts";
import type { PreparedRequest } from "./load-run.ts";

/** Where devices come from, and how many. */
export interface FleetOptions {
  readonly gatewayUrl: string;
  readonly operatorSocket: string;
  readonly devices: number;
  /** What record numbers begin with, where there are several fleets. */
  readonly prefix?: string;
}

/** How many envelopes are made, and what they hold. */
interface EnvelopeWork {
  readonly count: number;
  readonly port: number;
  /** What the gateway is asked to wait. */
  readonly waitSeconds: number;
  /** As `LoadWork` has it. */
  readonly racingWithin?: number;
}

/** Devices of a load generator, enrolled and with open sessions. */
export interface Fleet {
  readonly sessions: readonly BenchSession[];
  /** Opens more sessions, the devices in turn, until there are so many. */
  openSessions(count: number): Promise<void>;
}

/** Handshakes under way at once. */
const HANDSHAKES_AT_ONCE = 16;
const PLAIN_STEP_MS = 1_000;

/** Enrols devices. Each has a patient of its own. @throws {CliError} when the hospital refuses. */
export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const operator = createMachineClient(options.operatorSocket);
  const gateway = createHttpGateway(options.gatewayUrl, createNodeHttp());
  try {
    const devices = await enrolBenchDevices(options.devices, { ...options, operator, gateway });
    const sessions: BenchSession[] = [];
    return {
      sessions,
      async openSessions(count) {
        const missing = Array.from({ length: Math.max(0, count - sessions.length) }, (_, index) => {
          const device = devices[(sessions.length + index) % devices.length];
          if (device === undefined) throw new RangeError("devices: at least one");
          return device;
        });
        const opened = await mapAtOnce(missing, HANDSHAKES_AT_ONCE, (device) =>
          openBenchSession(device, gateway),
        );
        sessions.push(...opened);
      },
    };
  } finally {
    operator.close();
  }
}

/**
 * Signs and seals envelopes, the sessions in turn, and makes the requests that post them. Within the next minutes they are sent, or
 * their samples count as late.
 *
 * @param waitSeconds - What the gateway is asked to wait for the receipt.
 */
export async function prepareEnvelopes(
  sessions: readonly BenchSession[],
  work: EnvelopeWork,
): Promise<readonly PreparedRequest[]> {
  const { count, waitSeconds, port } = work;
  const requests: PreparedRequest[] = [];
  for (let index = 0; index < count; index += 1) {
    const session = sessions[index % sessions.length];
    if (session === undefined) throw new RangeError("sessions: at least one");
    const item = await sealReadings(session, Date.now(), beatsOf(index, sessions.length, work));
    const bytes = writePost({
      port,
      path: envelopesPath(session.keys.sid),
      body: item.envelope,
      headers: {
        [HEADERS.contentType]: MEDIA_TYPES.envelope,
        [HEADERS.authorization]: `Bearer ${session.pass}`,
        [HEADERS.prefer]: formatPreferWait(waitSeconds),
      },
    });
    const check = async (body: Uint8Array) => {
      const { messageId, stored } = await checkReceipt(session, item, Uint8Array.from(body));
      return { messageId: toBase64Url(messageId), stored };
    };
    requests.push({ bytes, check });
  }
  return requests;
}

function beatsOf(
  index: number,
  sessions: number,
  { racingWithin }: Pick<EnvelopeWork, "racingWithin">,
): Beats {
  if (racingWithin === undefined) return BEATS.any;
  const isRacing = Math.floor(index / sessions) >= firstRacing(index % sessions, racingWithin);
  return isRacing ? BEATS.racing : BEATS.calm;
}

/**
 * Makes the requests that post the same amount of readings to the plain pipeline.
 *
 * @param patients - How many there are, in turn.
 * @param begin - ms, above all that was used before: a patient has one value at a time.
 */
export function preparePlain(
  form: PlainForm,
  {
    count,
    patients,
    begin,
    port,
  }: { count: number; patients: number; begin: number; port: number },
): readonly PreparedRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / patients);
    const start = begin + round * SAMPLES_PER_ENVELOPE * PLAIN_STEP_MS;
    const samples = Array.from(randomBytes(SAMPLES_PER_ENVELOPE), (byte, place) => ({
      at: new Date(start + place * PLAIN_STEP_MS).toISOString(),
      value: 60 + (byte % 40),
    }));
    const message: PlainMessage = { patient: 1 + (index % patients), kind: "heart-rate", samples };
    const body = Buffer.from(JSON.stringify(message));
    const headers = { [HEADERS.contentType]: "application/json" };
    return { bytes: writePost({ port, path: PLAIN_PATHS[form], body, headers }) };
  });
}

/** A whole request of HTTP/1.1 on a connection that is kept. */
function writePost(request: {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}): Uint8Array {
  const { port, path, headers, body } = request;
  const all = { host: `127.0.0.1:${port}`, ...headers, "content-length": String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}
