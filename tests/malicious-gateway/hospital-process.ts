import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OPERATOR_SOCKET, type Counters, type Enrolment, type OperatorSample } from "@siphms/api";
import { toBase64Url, type Bytes } from "@siphms/cose";
import { createTestDatabase, type TestDatabase } from "@siphms/testkit";
import { createMachineClient } from "../../apps/cli/src/installation/key-login.ts";
import type { OperatorClient } from "../../apps/cli/src/installation/operator-client.ts";
import { ShiftedClock } from "../faults-kit/shifted-clock.ts";
import { freePort } from "../system/installation.ts";

const MAIN = fileURLToPath(new URL("../../apps/hospital/dist/main.js", import.meta.url));
const START_LIMIT_MS = 60_000;

/** The id of the hospital under test. */
export const HOSPITAL_ID = "fault-hospital";

/** How many envelopes, messages and handshakes the hospital refused, by reason. */
export type Refusals = Readonly<Record<string, number>>;

/** The real hospital as a process of its own, on a database of its own, seen through the operator's socket. */
export class HospitalProcess {
  readonly clock: ShiftedClock;
  readonly #child: ChildProcess;
  readonly #database: TestDatabase;
  readonly #data: string;
  readonly #operator: OperatorClient;

  private constructor(parts: {
    child: ChildProcess;
    clock: ShiftedClock;
    database: TestDatabase;
    data: string;
  }) {
    this.clock = parts.clock;
    this.#child = parts.child;
    this.#database = parts.database;
    this.#data = parts.data;
    this.#operator = createMachineClient(join(parts.data, "run", OPERATOR_SOCKET));
  }

  /** Makes an installation that connects to this gateway alone, and starts it. */
  static async start(gatewayUrl: string): Promise<HospitalProcess> {
    const database = await createTestDatabase();
    const data = mkdtempSync(join(tmpdir(), "siphms-fault-"));
    const clock = new ShiftedClock(join(data, "clock"));
    const environment = {
      ...clock.environment,
      PATH: process.env["PATH"] ?? "",
      DATABASE_URL: database.url,
      DATABASE_ADMIN_URL: database.adminUrl,
      SIPHMS_DATA: data,
      HOSPITAL_ID,
      SIPHMS_HOSPITAL_NAME: "Hospital behind a false gateway",
      SIPHMS_HOSPITAL_GATEWAYS: gatewayUrl,
      SIPHMS_HOSPITAL_PORT: String(await freePort()),
      SIPHMS_HOSPITAL_APP_PORT: String(await freePort()),
      SIPHMS_LOG_LEVEL: "warn",
    };
    await runToEnd(environment, "init");
    const child = spawn(process.execPath, [MAIN], {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await ready(child);
    return new HospitalProcess({ child, clock, database, data });
  }

  async stop(): Promise<void> {
    this.#operator.close();
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await ended;
    await this.#database.drop();
    rmSync(this.#data, { recursive: true, force: true });
  }

  /** Registers an invented patient and returns an invitation's link. */
  async register(mrn: string): Promise<string> {
    await this.#operator.addPatient({ mrn, name: "Ada Example", birthDate: "1950-07-01" });
    return this.invite(mrn);
  }

  /** The link of a new invitation. */
  async invite(mrn: string): Promise<string> {
    return (await this.#operator.invite(mrn)).link;
  }

  /** What staff see of a patient's enrolments. */
  async enrolments(mrn: string): Promise<readonly Enrolment[]> {
    const all = await this.#operator.enrolments();
    return all.filter((enrolment) => enrolment.mrn === mrn);
  }

  /** Staff have compared the code and confirm. */
  async confirm(mrn: string, code: string): Promise<void> {
    await this.#operator.confirm({ mrn, code });
  }

  /** Ends a device's binding. */
  async revoke(kid: Bytes): Promise<void> {
    await this.#operator.revoke(toBase64Url(kid));
  }

  /** Values of everything that is kept of a patient, quarantined samples too, each as often as it is kept; ascending. */
  async values(mrn: string): Promise<readonly number[]> {
    const samples = await this.samples(mrn);
    return samples.map(({ value }) => Number(value)).sort((a, b) => a - b);
  }

  /** Everything that is kept of a patient. */
  async samples(mrn: string): Promise<readonly OperatorSample[]> {
    const samples: OperatorSample[] = [];
    for await (const sample of this.#operator.readings({ mrn })) samples.push(sample);
    return samples;
  }

  async counters(): Promise<Counters> {
    return this.#operator.counters();
  }

  /** What was refused since `before`. */
  async refusedSince(before: Counters): Promise<Refusals> {
    const { refused } = await this.counters();
    const grown = Object.entries(refused)
      .map(([reason, count]) => [reason, count - (before.refused[reason] ?? 0)] as const)
      .filter(([, count]) => count !== 0);
    return Object.fromEntries(grown);
  }
}

async function runToEnd(env: Record<string, string>, command: string): Promise<void> {
  const child = spawn(process.execPath, [MAIN, command], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const status = await new Promise((resolve) => child.once("exit", resolve));
  if (status !== 0) throw new Error(`hospital ${command} ended with ${String(status)}`);
}

/** Waits for the JSON line by which a program says that it is ready. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the hospital was not ready")), START_LIMIT_MS);
    child.once("exit", (status) => reject(new Error(`the hospital ended with ${String(status)}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      if (!chunk.toString().includes("{")) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
