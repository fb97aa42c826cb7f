import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSimulatedDevice } from "../../apps/cli/src/device-state/simulated-device.ts";
import { sendJson } from "../../apps/cli/src/installation/json-http.ts";
import { createMachineClient } from "../../apps/cli/src/installation/key-login.ts";
import type { OperatorClient } from "../../apps/cli/src/installation/operator-client.ts";
import { resolveSocket } from "@siphms/server-kit";
import { freePort, jsonOf, siphms } from "../system/installation.ts";
import { toBase64Url } from "@siphms/cose";
import { CrashDevice, type CrashDeviceSettings } from "./crash-device.ts";
import { keepProgram, type KeptProgram } from "./keeper.ts";
import { KeptPostgres } from "./kept-postgres.ts";

const HOSPITAL_ID = "crash-hospital";
const LEAST_THREADS = 4;
const LAST_LINES = 6;

/** What a test may want otherwise; everything has a default. */
export interface ApartOptions {
  /** Settings of the gateway beside ours, by their names in its environment. */
  readonly gateway?: Readonly<Record<string, string>>;
  /** Settings of the hospital beside ours. */
  readonly hospital?: Readonly<Record<string, string>>;
  /** Where the gateway keeps its queue: a folder of mode 0700 that is there already (a small tmpfs). */
  readonly gatewayData?: string;
  /** Where PostgreSQL keeps `pg/`, `run/` and `secrets/`: a folder that is there already and that every user may pass. */
  readonly postgresFolder?: string;
}

/**
 * Gateway, hospital and PostgreSQL as programs apart (README, "Run the programs apart"), each under a keeper that starts
 * it again whenever it ends, and devices as processes of their own.
 */
export class ApartInstallation {
  /** Everything lies in it; every user may pass it, as the database's account has to. */
  readonly folder: string;
  readonly gatewayUrl: string;
  readonly postgres: KeptPostgres;
  readonly gateway: KeptProgram;
  readonly hospital: KeptProgram;
  readonly operator: OperatorClient;
  readonly #devices: CrashDevice[] = [];

  private constructor(
    parts: Pick<
      ApartInstallation,
      "folder" | "gatewayUrl" | "postgres" | "gateway" | "hospital" | "operator"
    >,
  ) {
    this.folder = parts.folder;
    this.gatewayUrl = parts.gatewayUrl;
    this.postgres = parts.postgres;
    this.gateway = parts.gateway;
    this.hospital = parts.hospital;
    this.operator = parts.operator;
  }

  /** Makes one in a new folder and waits until devices can be served. */
  static async start(options: ApartOptions = {}): Promise<ApartInstallation> {
    const folder = mkdtempSync(join(tmpdir(), "siphms-crash-"));
    chmodSync(folder, 0o755);
    const postgres = await KeptPostgres.start(options.postgresFolder ?? folder);
    const running: KeptProgram[] = [];
    try {
      const [gatewayPort, port, appPort] = [await freePort(), await freePort(), await freePort()];
      const place = { folder, postgres, options };
      const gatewayEnvironment = gatewaySettings(place, gatewayPort);
      const gatewayUrl = gatewayEnvironment.SIPHMS_GATEWAY_URL;
      const hospitalEnvironment = hospitalSettings(place, { gatewayUrl, port, appPort });
      await introduce(folder, {
        hospital: { ...hospitalEnvironment, DATABASE_ADMIN_URL: postgres.adminUrl },
        gateway: gatewayEnvironment,
      });
      const gateway = keepServer("gateway", { folder, environment: gatewayEnvironment });
      const hospital = keepServer("hospital", { folder, environment: hospitalEnvironment });
      running.push(gateway, hospital);
      const operator = createMachineClient(join(folder, "hospital", "run", "hospital.sock"));
      await Promise.all(running.map((program) => program.ready()));
      return new ApartInstallation({ folder, gatewayUrl, postgres, gateway, hospital, operator });
    } catch (error) {
      await Promise.all(running.map((program) => program.stop()));
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Registers an invented patient and returns the hospital's id for them. */
  async addPatient(mrn: string): Promise<string> {
    const patient = { mrn, name: "Ada Example", birthDate: "1950-07-01" };
    return (await this.operator.addPatient(patient)).patient;
  }

  /** Enrols a device for a patient, confirms it, and starts its process, which records until it is told to be quiet. */
  async addDevice(
    name: string,
    mrn: string,
    settings: CrashDeviceSettings = {},
  ): Promise<CrashDevice> {
    const folder = join(this.folder, "devices", name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { link } = await this.operator.invite(mrn);
    const simulated = await openSimulatedDevice(folder, undefined);
    const { device } = simulated;
    const enrolled = await device.enrol(link, { deviceName: name });
    if (enrolled.kind === "pending") await this.operator.confirm({ mrn, code: enrolled.code });
    await device.run({ until: "active" });
    const kid = toBase64Url(device.status().device!.kid);
    await simulated.close();
    const made = CrashDevice.start({ name, mrn, kid, folder, settings });
    this.#devices.push(made);
    return made;
  }

  /** For a person who looks for the cause of a failure: which programs run, and what they logged last. */
  state(): readonly string[] {
    const { gateway, hospital, postgres } = this;
    const kept = [gateway, hospital, postgres].map(({ name, pid, starts }) => {
      return `${name}: process ${pid ?? "none"}, started ${starts} times`;
    });
    const logs = ["gateway.log", "hospital.log", "pg/postgres.log"].flatMap((name) =>
      readFileSync(join(this.folder, name), "utf8").trimEnd().split("\n").slice(-LAST_LINES),
    );
    return [...kept, `PostgreSQL's last failed start: ${postgres.lastFailure || "none"}`, ...logs];
  }

  /** A metric of the gateway, such as `siphms_gateway_queued_envelopes`. */
  async gatewayMetric(name: string): Promise<number> {
    const socketPath = resolveSocket(join(this.folder, "gateway-run", "gateway.sock"));
    const { body } = await sendJson({ socketPath }, { method: "GET", path: "/metrics" });
    const line = body.split("\n").find((one) => one.startsWith(`${name} `));
    if (line === undefined) throw new Error(`the gateway has no metric ${name}`);
    return Number(line.split(" ")[1]);
  }

  /** Stops everything in order and removes the folder. */
  async remove(): Promise<void> {
    this.operator.close();
    await Promise.all(this.#devices.map((device) => device.stop()));
    await Promise.all([this.hospital.stop(), this.gateway.stop()]);
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly folder: string;
  readonly postgres: KeptPostgres;
  readonly options: ApartOptions;
}

function gatewaySettings({ folder, options }: Place, port: number) {
  return {
    SIPHMS_GATEWAY_URL: `http://127.0.0.1:${port}`,
    SIPHMS_GATEWAY_PORT: String(port),
    SIPHMS_GATEWAY_DATA: options.gatewayData ?? join(folder, "gateway"),
    SIPHMS_GATEWAY_RUN: join(folder, "gateway-run"),
    // All devices come from one address, and begin a new session after each of their ends.
    SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: "1000000",
    ...options.gateway,
  };
}

function hospitalSettings(
  { folder, postgres, options }: Place,
  { gatewayUrl, port, appPort }: { gatewayUrl: string; port: number; appPort: number },
): Record<string, string> {
  return {
    UV_THREADPOOL_SIZE: String(Math.max(LEAST_THREADS, availableParallelism())),
    DATABASE_URL: postgres.url,
    SIPHMS_DATA: join(folder, "hospital"),
    HOSPITAL_ID,
    SIPHMS_HOSPITAL_NAME: "Hospital of the crash tests",
    SIPHMS_HOSPITAL_GATEWAYS: gatewayUrl,
    SIPHMS_HOSPITAL_PORT: String(port),
    SIPHMS_HOSPITAL_APP_PORT: String(appPort),
    SIPHMS_HOSPITAL_ENVELOPES_PER_MINUTE: "6000",
    // Lets a link for staff become a session without a second factor: the check reads as a doctor does.
    SIPHMS_DEMO: "yes",
    ...options.hospital,
  };
}

function keepServer(
  name: "gateway" | "hospital",
  { folder, environment }: { folder: string; environment: Record<string, string> },
): KeptProgram {
  const main = fileURLToPath(new URL(`../../apps/${name}/dist/main.js`, import.meta.url));
  const logFile = join(folder, `${name}.log`);
  return keepProgram({ name, parameters: () => [main], environment, logFile });
}

interface Environments {
  readonly hospital: Record<string, string>;
  readonly gateway: Record<string, string>;
}

async function introduce(folder: string, { hospital, gateway }: Environments): Promise<void> {
  const init = await siphms(["hospital", "init"], hospital);
  if (init.status !== 0) throw new Error(`hospital init: ${init.stderr}`);
  const registration = await siphms(["hospital", "registration"], hospital);
  jsonOf(registration);
  const file = join(folder, "registration.json");
  writeFileSync(file, registration.stdout);
  const admitted = await siphms(["gateway", "admit", file], gateway);
  if (admitted.status !== 0) throw new Error(`gateway admit: ${admitted.stderr}`);
}
