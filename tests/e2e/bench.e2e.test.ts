import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly conditions: Record<string, unknown>;
}

let folder: string;

async function bench(...args: string[]): Promise<Result> {
  const result = await siphms(["bench", ...args, "--json"], { TMPDIR: folder });
  expect(result.status, result.stderr).toBe(0);
  return jsonOf<Result>(result);
}

function expectShape(result: Result): void {
  expect(Object.keys(result).sort()).toEqual(
    ["bench", "conditions", "limit", "p50Ms", "p99Ms", "ratio", "value"].sort(),
  );
  expect(result.limit.perSecond).toBeGreaterThan(0);
  expect(result.ratio).toBeGreaterThan(0);
  expect(result.conditions).toMatchObject({
    node: process.version,
    cores: expect.any(Number) as number,
    cpu: expect.any(String) as string,
    rounds: 1,
    cpuSeconds: expect.any(Object) as object,
  });
}

const ON_DISK = {
  postgresql: expect.stringMatching(/^\d+/) as string,
  fsync: "on",
  synchronousCommit: "on",
};

describe("siphms bench", () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "siphms-e2e-bench-"));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("measures cryptography by both adapters, on one core and on all", async () => {
    const result = await bench("crypto", "--seconds", "0.02", "--rounds", "1");
    expectShape(result);
    const rates = Object.fromEntries(
      ["verify", "sign", "open", "seal", "handshake", "responder"].map((name) => [
        name,
        expect.any(Number) as number,
      ]),
    );
    const both = { oneCorePerSecond: rates, allCoresPerSecond: rates };
    expect(result.value).toMatchObject({ nodeCrypto: both, webCrypto: both });
  });

  it("feeds a running hospital, and everything sent is answered and stored", async () => {
    const result = await bench("ingest", "--seconds", "1", "--rounds", "1", "--devices", "3");
    expectShape(result);
    const { sent } = (result.value as { envelopes: { sent: number } }).envelopes;
    expect(sent).toBeGreaterThan(0);
    expect(result.value["envelopes"]).toMatchObject({ sent, answered: sent, stored: sent });
    expect(result.conditions).toMatchObject({ ...ON_DISK, devices: 3, samplesPerEnvelope: 60 });
    expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms ?? Infinity);
  });

  it("shakes hands through gateway and hospital, and every session is stored", async () => {
    const result = await bench("handshake", "--seconds", "1", "--rounds", "1", "--devices", "4");
    expectShape(result);
    expect(result.value["handshakesPerSecond"]).toBeGreaterThan(0);
    expect(result.conditions).toMatchObject(ON_DISK);
  });

  it("keeps nothing of what it ran", () => {
    expect(existsSync(folder)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith("siphms-bench-"))).toEqual([]);
  });
});
