import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveSocket } from "@siphms/server-kit";
import { vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "@siphms/testkit";
import { sendJson } from "../../apps/cli/src/installation/json-http.ts";
import { keepProgram, type KeptProgram } from "../crash/keeper.ts";
import { CommandLogin } from "./command-login.ts";
import { freePort, jsonOf, siphms, type CommandResult } from "./installation.ts";

/** A hospital waits up to half a minute before it tries a gateway again. */
const CONNECT_LIMIT_MS = 60_000;

type Environment = Readonly<Record<string, string>>;

/** One of the two halves: a gateway, and the hospital process that is connected to it alone. */
export interface Half {
  readonly gatewayUrl: string;
  readonly gateway: KeptProgram;
  readonly hospital: KeptProgram;
  /** Whether the gateway has its hospital at this moment. */
  isConnected(): Promise<boolean>;
  /** Runs a command of `siphms` against this hospital process. */
  run(...args: string[]): Promise<CommandResult>;
  /** Runs one that must succeed, and returns its JSON. */
  json<T>(...args: string[]): Promise<T>;
}

/**
 * One hospital as two processes on one database, each connected to a gateway of its own: what one of them does has to
 * reach the devices of the other one's gateway too.
 */
export class TwoHospitals {
  readonly folder: string;
  readonly left: Half;
  readonly right: Half;
  readonly #database: TestDatabase;

  private constructor(parts: {
    readonly folder: string;
    readonly database: TestDatabase;
    readonly halves: readonly [Half, Half];
  }) {
    this.folder = parts.folder;
    [this.left, this.right] = parts.halves;
    this.#database = parts.database;
  }

  /** Starts all four programs and waits until both gateways have their hospital. */
  static async start(): Promise<TwoHospitals> {
    const folder = mkdtempSync(join(tmpdir(), "siphms-two-"));
    chmodSync(folder, 0o755);
    const database = await createTestDatabase();
    const shared = {
      DATABASE_URL: database.url,
      HOSPITAL_ID: "two",
      SIPHMS_HOSPITAL_NAME: "Hospital of Two",
      SIPHMS_HOSPITAL_KEK: `file:${join(folder, "secrets", "kek")}`,
    };
    const left = await prepareHalf(folder, "left", shared);
    const right = await prepareHalf(folder, "right", shared);
    await done(["hospital", "init"], { ...left.hospital, DATABASE_ADMIN_URL: database.adminUrl });
    const registration = await done(["hospital", "registration"], left.hospital);
    writeFileSync(join(folder, "registration.json"), registration.stdout);
    const halves = [await startHalf(folder, left), await startHalf(folder, right)] as const;
    for (const half of halves) await untilConnected(half);
    return new TwoHospitals({ folder, database, halves });
  }

  /** Registers an invented patient. */
  async addPatient(mrn: string): Promise<void> {
    const person = ["--name", "Ada Example", "--birth-date", "1950-07-01"];
    await this.left.json("patient", "add", "--mrn", mrn, ...person);
  }

  /** Stops everything and removes what it left. */
  async remove(): Promise<void> {
    const programs = [this.left, this.right].flatMap(({ hospital, gateway }) => [
      hospital,
      gateway,
    ]);
    await Promise.all(programs.map((program) => program.stop()));
    await this.#database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until the gateway of this half has its hospital. */
export async function untilConnected(half: Half): Promise<void> {
  const look = async (): Promise<void> => {
    if (!(await half.isConnected())) throw new Error("the gateway has no hospital");
  };
  await vi.waitFor(look, { timeout: CONNECT_LIMIT_MS, interval: 20 });
}

interface Prepared {
  readonly name: string;
  readonly gateway: Environment;
  readonly hospital: Environment;
}

async function prepareHalf(folder: string, name: string, shared: Environment): Promise<Prepared> {
  const [gatewayPort, port, appPort] = [await freePort(), await freePort(), await freePort()];
  const gatewayUrl = `http://127.0.0.1:${String(gatewayPort)}`;
  mkdirSync(join(folder, name));
  return {
    name,
    gateway: {
      SIPHMS_GATEWAY_URL: gatewayUrl,
      SIPHMS_GATEWAY_PORT: String(gatewayPort),
      SIPHMS_GATEWAY_DATA: join(folder, name, "gateway"),
      SIPHMS_GATEWAY_RUN: join(folder, name, "gateway-run"),
    },
    hospital: {
      ...shared,
      SIPHMS_DATA: join(folder, name, "hospital"),
      SIPHMS_HOSPITAL_GATEWAYS: gatewayUrl,
      SIPHMS_HOSPITAL_PORT: String(port),
      SIPHMS_HOSPITAL_APP_PORT: String(appPort),
    },
  };
}

async function startHalf(folder: string, half: Prepared): Promise<Half> {
  await done(["gateway", "admit", join(folder, "registration.json")], half.gateway);
  const [gateway, hospital] = (["gateway", "hospital"] as const).map((program) =>
    keepProgram({
      name: `${half.name} ${program}`,
      parameters: () => [
        fileURLToPath(new URL(`../../apps/${program}/dist/main.js`, import.meta.url)),
      ],
      environment: half[program],
      logFile: join(folder, half.name, `${program}.log`),
    }),
  );
  await gateway!.ready();
  await hospital!.ready();
  const data = ["--data", half.hospital["SIPHMS_DATA"]!];
  const login = new CommandLogin(half.hospital["SIPHMS_DATA"]!);
  const run = async (...args: string[]): Promise<CommandResult> => {
    // Where no hospital runs, the command itself says so.
    await login.keepFresh().catch(() => undefined);
    return siphms([...args, ...data]);
  };
  return {
    gatewayUrl: half.gateway["SIPHMS_GATEWAY_URL"]!,
    gateway: gateway!,
    hospital: hospital!,
    isConnected: async () => {
      const folderOfSocket = half.gateway["SIPHMS_GATEWAY_RUN"]!;
      const socketPath = resolveSocket(join(folderOfSocket, "gateway.sock"));
      const { body } = await sendJson({ socketPath }, { method: "GET", path: "/metrics" });
      return /^siphms_gateway_uplinks 1$/m.test(body);
    },
    run,
    async json<T>(...args: string[]): Promise<T> {
      const result = await run(...args, "--json");
      if (result.status !== 0) throw new Error(`siphms ${args.join(" ")}: ${result.stderr}`);
      return jsonOf<T>(result);
    },
  };
}

async function done(args: readonly string[], environment: Environment): Promise<CommandResult> {
  const result = await siphms(args, environment);
  if (result.status !== 0) throw new Error(`siphms ${args.join(" ")}: ${result.stderr}`);
  return result;
}
