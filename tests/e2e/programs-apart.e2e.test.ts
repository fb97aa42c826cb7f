import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MinimalDevice } from "../minimal-device/minimal-device.ts";
import type { Item } from "../minimal-device/cbor.ts";
import { DebianPostgres, hasDebianPostgres } from "../system/debian-postgres.ts";
import { freePort, jsonOf, SIPHMS, siphms } from "../system/installation.ts";

/** Starts one program of its own and waits for the line that says it is ready. */
async function startProgram(name: string, env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [SIPHMS, name], { env: { ...process.env, ...env } });
  let output = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('"ready":true')) resolve();
    });
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("exit", (code) =>
      reject(new Error(`${name} ended with ${String(code)}:\n${output}`)),
    );
  });
  return child;
}

async function stopProgram(child: ChildProcess): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  return ended;
}

const title = "gateway and hospital as programs apart, on Debian's PostgreSQL 15";
const why = hasDebianPostgres ? "" : " (skipped: Debian's postgresql-15 is not on this machine)";

describe.skipIf(!hasDebianPostgres)(`${title}${why}`, () => {
  let postgres: DebianPostgres;
  let folder: string;
  let hospital: Record<string, string>;
  let gateway: Record<string, string>;
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    postgres = await DebianPostgres.start();
    await postgres.run(
      "create role siphms_admin login",
      "create role siphms_service login",
      "create database siphms owner siphms_admin",
      "grant connect on database siphms to siphms_service",
    );
    folder = mkdtempSync(join(tmpdir(), "siphms-apart-"));
    chmodSync(folder, 0o755);
    const [gatewayPort, port, appPort] = [await freePort(), await freePort(), await freePort()].map(
      String,
    );
    const url = `http://127.0.0.1:${gatewayPort!}`;
    hospital = {
      DATABASE_URL: postgres.url("siphms_service", "siphms"),
      DATABASE_ADMIN_URL: postgres.url("siphms_admin", "siphms"),
      SIPHMS_DATA: join(folder, "hospital"),
      HOSPITAL_ID: "apart",
      SIPHMS_HOSPITAL_NAME: "Hospital Apart",
      SIPHMS_HOSPITAL_GATEWAYS: url,
      SIPHMS_HOSPITAL_PORT: port!,
      SIPHMS_HOSPITAL_APP_PORT: appPort!,
    };
    gateway = {
      SIPHMS_GATEWAY_URL: url,
      SIPHMS_GATEWAY_PORT: gatewayPort!,
      SIPHMS_GATEWAY_DATA: join(folder, "gateway"),
      SIPHMS_GATEWAY_RUN: join(folder, "gateway-run"),
    };
  });
  afterAll(async () => {
    for (const child of running) await stopProgram(child);
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("refuses to start a hospital without a database, and says what to do", async () => {
    const { status, stderr } = await siphms(["hospital"], {
      SIPHMS_DATA: join(folder, "nowhere"),
      DATABASE_URL: "",
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain("DATABASE_URL");
  });

  it("refuses to start a hospital that was not set up", async () => {
    const { status, stderr } = await siphms(["hospital"], hospital);
    expect(status).not.toBe(0);
    expect(stderr).toContain("init");
  });

  it("sets the hospital up once, and not a second time under another id", async () => {
    const first = await siphms(["hospital", "init"], hospital);
    expect(first.stderr + String(first.status)).toMatch(/0$/);
    const second = await siphms(["hospital", "init"], { ...hospital, HOSPITAL_ID: "other" });
    expect(second.status).not.toBe(0);
  });

  it("lets a hospital in by its registration", async () => {
    const registration = await siphms(["hospital", "registration"], hospital);
    expect(jsonOf<{ id: string }>(registration).id).toBe("apart");
    expect(registration.stdout).not.toContain('"d":');
    const file = join(folder, "registration.json");
    writeFileSync(file, registration.stdout);
    expect((await siphms(["gateway", "admit", file], gateway)).status).toBe(0);
  });

  it("carries a reading from a device to the hospital, and refuses every role more than it needs", async () => {
    running.push(await startProgram("gateway", gateway));
    // The role that may change the schema is not needed any more.
    running.push(await startProgram("hospital", { ...hospital, DATABASE_ADMIN_URL: "" }));
    const data = ["--data", hospital["SIPHMS_DATA"]!];
    const add = [
      "patient",
      "add",
      "--mrn",
      "APART-1",
      "--name",
      "Ada Example",
      "--birth-date",
      "1950-07-01",
    ];
    const stranger = await siphms([...add, ...data]);
    expect(stranger.status).toBe(1);
    expect(stranger.stderr).toContain("siphms login --key FILE");
    const key = join(folder, "admissions.key");
    const account = ["staff", "add", "Admissions", "--role", "integration", "--key", key];
    expect((await siphms([...account, ...data])).status).toBe(0);
    expect((await siphms(["login", "--key", key, ...data])).status).toBe(0);
    expect((await siphms([...add, ...data])).status).toBe(0);
    const { link } = jsonOf<{ link: string }>(
      await siphms(["invite", "APART-1", "--json", ...data]),
    );
    const device = new MinimalDevice(link);
    const code = await device.enrol("A device");
    expect((await siphms(["enrolment", "confirm", "APART-1", code, ...data])).status).toBe(0);
    expect(await device.connect()).toBe(1);
    const now = Date.now();
    const series = new Map<number | string, Item>([
      [1, 3],
      [2, now],
      [3, 0],
      [4, [975]],
      [5, 0],
    ]);
    expect((await device.send([series], now)).outcome).toBe(0);
    const readings = await siphms(["readings", "APART-1", "--json", ...data]);
    expect(jsonOf<{ value: number; unit: string }>(readings)).toMatchObject({
      value: 97.5,
      unit: "%",
    });
    const check = await siphms(["check", "--json", ...data]);
    expect(check.status).toBe(0);
  });

  it("stops both programs cleanly", async () => {
    const codes = [];
    while (running.length > 0) codes.push(await stopProgram(running.pop()!));
    expect(codes).toEqual([0, 0]);
  });
});
