import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort, jsonOf, SIPHMS, siphms, type CommandResult } from "../system/installation.ts";

interface Summary {
  readonly sent: number;
  readonly stored: number;
  readonly receipted: number;
  readonly visible: number;
  readonly quarantined: { readonly total: number; readonly reasons: Record<string, number> };
  readonly lost: number;
  readonly duplicated: number;
  readonly synthetic: boolean;
}

describe("siphms up --smoke", () => {
  let folder: string;
  let args: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "siphms-demo-"));
    chmodSync(folder, 0o755);
    const ports = [await freePort(), await freePort(), await freePort()].map(String);
    args = [
      "up",
      "--demo",
      "--smoke",
      "--json",
      "--recordings",
      "none",
      "--data",
      join(folder, "data"),
    ];
    args.push("--gateway-port", ports[0]!, "--hospital-port", ports[1]!, "--app-port", ports[2]!);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function expectWhole(result: CommandResult): Summary {
    expect(result.status, result.stderr).toBe(0);
    expect(result.stdout.trim().split("\n")).toHaveLength(1);
    const summary = jsonOf<Summary>(result);
    expect(summary).toMatchObject({ lost: 0, duplicated: 0, synthetic: true });
    expect(summary.sent).toBeGreaterThan(0);
    expect([summary.stored, summary.receipted]).toEqual([summary.sent, summary.sent]);
    expect(summary.visible).toBe(summary.sent - summary.quarantined.total);
    return summary;
  }

  it("ends with nothing lost or doubled, and a second run sends nothing again", async () => {
    const first = expectWhole(await siphms(args));
    expect(first.quarantined.reasons["no-signal"]).toBeGreaterThan(0);
    const second = expectWhole(await siphms(args));
    expect(second.stored).toBe(first.stored);
    expect(second.quarantined).toEqual(first.quarantined);
  });

  it("goes on after kill -9 in the middle, and still nothing is lost or doubled", async () => {
    const killed = spawn(process.execPath, [SIPHMS, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    killed.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise((resolve) => killed.once("exit", resolve));
    // All twelve are enrolled and have begun to send: the middle of the replay.
    while (!said.includes("12 of 12")) {
      if (killed.exitCode !== null) throw new Error(said);
      await wait(50);
    }
    await wait(3000);
    expect(said, "it was over before it was killed").not.toContain("Everything is played");
    killed.kill("SIGKILL");
    await ended;
    expectWhole(await siphms(args));
  });
});
