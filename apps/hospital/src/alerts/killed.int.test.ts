import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AlertRunnerParameters } from "../testing/alert-runner.ts";
import { createAlertScene, RACING, type AlertScene } from "../testing/alert-scene.ts";
import { createTestAlerts } from "../testing/alert-world.ts";
import { createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import type { Alerts } from "./index.ts";

const RUNNER = fileURLToPath(new URL("../testing/alert-runner.ts", import.meta.url));
const LIMIT_MS = 60_000;
const PATIENTS = 20;

let world: HospitalWorld;
let alerts: Alerts;
const programs: ChildProcess[] = [];

beforeAll(async () => {
  world = await createHospitalWorld();
  alerts = createTestAlerts(world);
});

afterEach(async () => {
  for (const program of programs.splice(0)) await kill(program);
});

afterAll(() => world.close());

/** Starts the job as a program of its own. @returns it, and how to wait for what it says. */
function start(hangs: boolean) {
  const parameters: AlertRunnerParameters = {
    ...{ url: world.test.url, now: world.clock.now(), hangs },
    key: Buffer.from(world.installationKey.bytes).toString("base64"),
  };
  const program = spawn(process.execPath, ["--import", "tsx", RUNNER, JSON.stringify(parameters)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  programs.push(program);
  let said = "";
  program.stdout.setEncoding("utf8");
  program.stdout.on("data", (text: string) => (said += text));
  const hear = async (word: string): Promise<void> => {
    while (!said.includes(word)) await once(program.stdout, "data");
  };
  return { program, hear };
}

async function kill(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, "exit");
  program.kill("SIGKILL");
  await ended;
}

async function raced(scenes: readonly AlertScene[]): Promise<boolean> {
  for (const scene of scenes) if ((await scene.open())[RACING] === undefined) return false;
  return true;
}

describe("the alerts job as a program (SR-66)", () => {
  it(
    "killed in the midst of raising leaves nothing half done, and the next one raises it once",
    { timeout: LIMIT_MS },
    async () => {
      const scene = await createAlertScene(world, alerts);
      await scene.heart(140);
      const { program, hear } = start(true);
      await hear("raising");
      expect(await scene.events()).toEqual({});
      await kill(program);
      expect(await scene.open()).toEqual({});
      // Until the database has noticed, the dead one's lock keeps others away.
      while ((await scene.open())[RACING] === undefined) await alerts.job.run();
      expect(await scene.events()).toEqual({ "alert.raised": 1 });
      expect((await scene.history()).map(({ rule }) => rule)).toEqual([RACING]);
    },
  );

  it(
    "killed after the commit of a reading has it evaluated by the next one",
    { timeout: LIMIT_MS },
    async () => {
      const scene = await createAlertScene(world, alerts);
      const first = start(false);
      await first.hear("ready");
      await kill(first.program);
      await scene.heart(140);
      const second = start(false);
      await second.hear("raising");
      while (!(await raced([scene])));
      expect(await scene.events()).toEqual({ "alert.raised": 1 });
    },
  );

  it("beside a second one raises each alert once", { timeout: LIMIT_MS }, async () => {
    const scenes: AlertScene[] = [];
    for (let count = 0; count < PATIENTS; count++) {
      scenes.push(await createAlertScene(world, alerts));
    }
    const both = [start(false), start(false)];
    for (const { hear } of both) await hear("ready");
    for (const scene of scenes) await scene.heart(140);
    while (!(await raced(scenes)));
    for (const scene of scenes) {
      expect(await scene.events()).toEqual({ "alert.raised": 1 });
    }
  });
});
