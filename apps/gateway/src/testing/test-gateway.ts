import { envelopesPath, mailboxPath, MEDIA_TYPES } from "@siphms/relay";
import { silentLogger, type Clock, type Logger } from "@siphms/server-kit";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataFolder, type DataFolder } from "../data-folder.ts";
import type { QueueLimits, QueueStore } from "../domain/ports.ts";
import type { WitnessMemory } from "../domain/witness.ts";
import { startGateway, type Gateway, type GatewayOptions } from "../gateway.ts";
import { SERVER_LIMITS } from "../routes/server.ts";
import { openWitnessKey } from "../storage/witness-key.ts";
import {
  createFakeHospital,
  openUplink,
  randomSid,
  type FakeHospital,
  type FakeUplink,
} from "./fake-hospital.ts";

/** A clock that tests move. */
export interface MovableClock extends Clock {
  advance(ms: number): void;
}

/** Creates a clock that stands until it is moved. */
export function createMovableClock(start = 1_750_000_000_000): MovableClock {
  let now = start;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

/** Limits that no test meets by accident. */
export const TEST_LIMITS: QueueLimits = {
  sessionEnvelopes: 1000,
  hospitalEnvelopes: 10_000,
  hospitalBytes: 100_000_000,
};

/** A real gateway on loopback with a data folder of its own and one admitted hospital. */
export interface TestGateway {
  readonly gateway: Gateway;
  readonly data: DataFolder;
  readonly hospital: FakeHospital;
  readonly clock: MovableClock;
  readonly url: string;
  readonly folder: string;
  /** A hospital that this gateway may admit besides. */
  newHospital(id: string): Promise<FakeHospital>;
  /** Opens the hospital's uplink with that much credit. */
  connect(credit?: number, hospital?: FakeHospital): Promise<FakeUplink>;
  newSession(hospital?: FakeHospital, limit?: number): Promise<TestSession>;
  /** Ends the gateway and starts it again on the same folder and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A device's view of one session. */
export interface TestSession {
  readonly sid: Uint8Array<ArrayBuffer>;
  readonly pass: string;
  post(body: string | Uint8Array, options?: RequestOptions): Promise<Response>;
  mailbox(after?: string, options?: RequestOptions): Promise<Response>;
}

/** What a test's request says besides. */
export interface RequestOptions {
  readonly waitSeconds?: number;
  readonly pass?: string;
  readonly signal?: AbortSignal;
}

/** What a test makes different. */
export interface TestGatewayOptions {
  readonly limits?: Partial<QueueLimits>;
  readonly options?: Partial<GatewayOptions>;
  readonly wrapStore?: (store: QueueStore) => QueueStore;
  readonly wrapMemory?: (memory: WitnessMemory) => WitnessMemory;
  readonly log?: Logger;
}

/** Starts a gateway on a port that the system chooses. */
export async function startTestGateway(setup: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), "siphms-gateway-test-"));
  const clock = createMovableClock();
  let { data, gateway } = await start(folder, clock, setup);
  const url = gateway.url;
  const newHospital = (id: string): Promise<FakeHospital> =>
    createFakeHospital({ gatewayUrl: () => url, now: () => clock.now(), id });
  const hospital = await newHospital("test-hospital");
  await data.directory.admit(hospital.registration);

  async function stop(): Promise<void> {
    await gateway.stop();
    await data.close();
  }

  return {
    get gateway() {
      return gateway;
    },
    get data() {
      return data;
    },
    hospital,
    clock,
    url,
    folder,
    newHospital,
    async connect(credit = 100, from = hospital) {
      const uplink = await openUplink(url, await from.uplinkToken());
      if (credit > 0) uplink.send({ type: "credit", count: credit });
      return uplink;
    },
    async newSession(of = hospital, limit = 600) {
      const sid = randomSid();
      return sessionOf(url, sid, await of.pass(sid, { limit }));
    },
    async restart() {
      await stop();
      const port = Number(new URL(url).port);
      ({ data, gateway } = await start(folder, clock, {
        ...setup,
        options: { ...setup.options, port },
      }));
    },
    async stop() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function start(
  folder: string,
  clock: Clock,
  { limits, options, wrapStore, wrapMemory, log }: TestGatewayOptions,
): Promise<{ data: DataFolder; gateway: Gateway }> {
  const data = await openDataFolder(folder, { ...TEST_LIMITS, ...limits }, 0);
  const store = wrapStore?.(data.store) ?? data.store;
  const memory = wrapMemory?.(data.memory) ?? data.memory;
  const signer = openWitnessKey(folder, "gateway.test");
  const gateway = await startGateway(
    { ...data, store, memory, signer, clock, log: log ?? silentLogger },
    {
      host: "127.0.0.1",
      port: 0,
      secure: false,
      proxies: [],
      serverLimits: { ...SERVER_LIMITS, misuseHeldMs: 0 },
      addressPerMinute: 10_000,
      maxHandshakes: 16,
      maxUnanswered: 1000,
      ...options,
    },
  );
  return { data, gateway };
}

/** The device's view of a session with this pass. */
export function sessionOf(url: string, sid: Uint8Array<ArrayBuffer>, pass: string): TestSession {
  function headers(options: RequestOptions): Record<string, string> {
    return {
      authorization: `Bearer ${options.pass ?? pass}`,
      ...(options.waitSeconds !== undefined && { prefer: `wait=${String(options.waitSeconds)}` }),
    };
  }
  return {
    sid,
    pass,
    post: (body, options = {}) =>
      fetch(url + envelopesPath(sid), {
        method: "POST",
        headers: { ...headers(options), "content-type": MEDIA_TYPES.envelope },
        body: typeof body === "string" ? body : new Uint8Array(body),
        ...(options.signal !== undefined && { signal: options.signal }),
      }),
    mailbox: (after, options = {}) =>
      fetch(url + mailboxPath(sid, after), {
        headers: headers(options),
        ...(options.signal !== undefined && { signal: options.signal }),
      }),
  };
}

/** The bytes of a text, for envelopes whose content does not matter. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text));
}

/** The text of bytes. */
export function text(body: Uint8Array): string {
  return Buffer.from(body).toString();
}

/** Status and problem of a refusal, after checking that it is a problem document as RFC 9457 wants it. */
export async function problemOf(answer: Response): Promise<[number, string]> {
  const body = await answer.text();
  if (answer.headers.get("content-type") !== MEDIA_TYPES.problem) return [answer.status, body];
  const { type, status, title } = JSON.parse(body) as Record<string, unknown>;
  if (status !== answer.status || typeof title !== "string") return [answer.status, "no problem"];
  return [answer.status, String(type).replace("urn:siphms:problem:", "")];
}
