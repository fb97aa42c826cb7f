import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonOf, siphms } from "../system/installation.ts";

/** As `--json` prints it; that figures are good is not for a test to say. */
interface Result {
  readonly bench: string;
  readonly value: Record<string, unknown>;
  readonly limit: { readonly name: string; readonly perSecond: number };
  readonly ratio: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly conditions: Record<string, unknown>;
}

const NUMBER = expect.any(Number) as number;
const LATENCY = { p50Ms: NUMBER, p99Ms: NUMBER };

let folder: string;

async function bench(...args: string[]): Promise<Result> {
  const result = await siphms(["bench", ...args, "--json"], { TMPDIR: folder });
  expect(result.status, result.stderr).toBe(0);
  return jsonOf<Result>(result);
}

function expectShape(result: Result): void {
  expect(Object.keys(result).sort()).toEqual([
    ...["bench", "conditions", "limit", "p50Ms", "p99Ms", "ratio", "value"],
  ]);
  expect(result.limit.perSecond).toBeGreaterThan(0);
  expect(result.ratio).toBeGreaterThan(0);
  expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms);
  expect(result.conditions).toMatchObject({
    ...{ node: process.version, fsync: "on", synchronousCommit: "on" },
    cpuSeconds: expect.any(Object) as object,
    gatewaySettings: { SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: expect.any(String) as string },
  });
}

describe("siphms bench for the whole way", () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "siphms-e2e-bench-"));
    // Started by root, the database runs as another user, who has to get past this folder.
    chmodSync(folder, 0o711);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("sends the same through us and through the plain pipeline, and all is stored, receipts verified", async () => {
    const result = await bench(
      ...["end-to-end", "--seconds", "0.5", "--rounds", "1"],
      ...["--devices", "4", "--latency-seconds", "0.5"],
    );
    expectShape(result);
    const { value, limit } = result;
    const server = { cpuMicrosecondsPerSample: expect.objectContaining({ all: NUMBER }) as object };
    const pipeline = { messagesPerSecond: NUMBER, samplesPerSecond: NUMBER, ...server };
    expect(value).toMatchObject({
      ...{ sealed: pipeline, plainRows: pipeline, plainJsonb: pipeline },
      throughputRatio: { toPlainRows: result.ratio, toPlainJsonb: NUMBER },
      cpuRatio: { toPlainRows: NUMBER, toPlainJsonb: NUMBER },
      latency: { sealed: LATENCY, plainRows: LATENCY, plainJsonb: LATENCY },
      storedToScreen: LATENCY,
    });
    expect(limit.name).toBe("plain, 60 rows");
    // The bench itself fails unless these are what was sent.
    const { sealedMessages, plainRows, plainJsonb } = value["stored"] as Record<string, number>;
    expect(sealedMessages).toBeGreaterThan(256);
    expect(plainRows).toBeGreaterThan(256 * 60);
    expect(plainJsonb).toBeGreaterThan(256);
  });

  it("weighs idle sessions, loads beyond saturation, and nothing acknowledged is lost", async () => {
    const result = await bench(
      ...["scale", "--sessions", "1,20", "--seconds", "0.5"],
      ...["--devices", "4", "--idle-seconds", "0.5"],
    );
    expectShape(result);
    const { value } = result;
    const program = { rssMib: NUMBER, heapMib: NUMBER };
    const servers = { gateway: program, hospital: program, postgresMib: NUMBER };
    const bytes = { rss: NUMBER, anonymous: NUMBER, heap: NUMBER, external: NUMBER };
    expect(value).toMatchObject({
      waiting: { "1 sessions": servers, "20 sessions": servers },
      asleep: { "20 sessions": servers },
      bytesPerSession: {
        asleep: { gateway: bytes },
        waiting: { gateway: bytes },
        bareServerWaiting: bytes,
      },
    });
    const load = value["load"] as Record<string, { answers: Record<string, number> }>;
    expect(Object.keys(load)).toEqual(["25 %", "50 %", "75 %", "100 %", "150 %", "200 %"]);
    for (const step of Object.values(load)) {
      expect(step).toMatchObject({ offeredPerSecond: NUMBER, achievedPerSecond: NUMBER });
      expect(Object.values(step.answers).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
    }
    expect(value["recovery"]).toMatchObject({ before: LATENCY, during: LATENCY, after: LATENCY });
    const { sent, acknowledged, stored } = value["stored"] as Record<string, number>;
    expect(acknowledged).toBeGreaterThan(256);
    expect(stored).toBeGreaterThanOrEqual(acknowledged ?? NaN);
    expect(stored).toBeLessThanOrEqual(sent ?? NaN);
  });

  it("keeps nothing of what they ran", () => {
    expect(readdirSync(folder)).toEqual([]);
  });
});
