import type { Command } from "commander";

import { EXIT, CliError, wrongUse } from "../cli-error.ts";
import { lockFolder } from "../device-state/folder-lock.ts";
import { systemClock } from "../device-state/system-clock.ts";
import { isFlawless } from "../demo/summary.ts";
import { createOperatorClient } from "../installation/operator-client.ts";
import { findWebApp, startInstallation } from "../installation/installation.ts";
import { DEFAULT_DATA, layoutOf, makeFolders } from "../installation/layout.ts";
import type { Layout } from "../installation/layout.ts";
import { claimMode } from "../installation/mode.ts";
import { waitForFreePorts } from "../installation/ports.ts";
import type { InstallationPlan, Ports } from "../installation/program-settings.ts";
import { gatewayUrl, tellingSettings } from "../installation/program-settings.ts";
import { watchSignals } from "../installation/signals.ts";
import type { Supervised } from "../installation/supervise.ts";
import { parsePort, parseSpeed } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { choosePatients, runDemo } from "./up-demo.ts";
import type { UpOptions } from "./up-options.ts";
import { exampleText } from "./with-operator.ts";

/** Adds `siphms up`. */
export function addUpCommand(program: Command, context: CommandContext): void {
  program
    .command("up")
    .description("run gateway, hospital and a database on this machine")
    .option("--data <dir>", "data folder", DEFAULT_DATA)
    .option("--demo", "play demo patients and print a link into the console")
    .option(
      "--recordings <dir>",
      "folder of recordings, or none for invented patients (else SIPHMS_RECORDINGS, else ../shared/data/vitals)",
    )
    .option("--speed <n>", "clinical seconds in a second, for all patients", parseSpeed)
    .option(
      "--smoke",
      "play the whole demo in about half a minute, compare, print a summary and end",
    )
    .option("--gateway-port <port>", "port for devices", parsePort, 8080)
    .option("--hospital-port <port>", "port for the console", parsePort, 8090)
    .option("--app-port <port>", "port for the patient app", parsePort, 8091)
    .option("--json", "print JSON for machines")
    .addHelpText("after", exampleText("siphms up --demo\nsiphms up --smoke --json"))
    .action((options: UpOptions) => up(options, context));
}

async function up(options: UpOptions, context: CommandContext): Promise<void> {
  const demo = options.demo === true || options.smoke === true;
  checkTogether(options, demo);
  const layout = layoutOf(options.data);
  await makeFolders(layout);
  const lock = await lockFolder(layout.run, "The installation");
  const parts: Supervised[] = [];
  const signals = watchSignals(() => {
    for (const part of parts) part.kill();
  });
  try {
    await claimMode(layout, demo ? "demo" : "real");
    await run({ options, context, layout, parts, signal: signals.signal });
  } catch (error) {
    // Asked to stop: whatever was cut short by that is no failure, but for a comparison that was not made.
    if (!signals.signal.aborted) throw error;
    if (options.smoke === true) throw new CliError("Stopped before the end.", { cause: error });
  } finally {
    if (signals.signal.aborted)
      context.output.note("Stopping. Ctrl-C again ends everything at once.");
    for (const part of parts.toReversed()) await part.stop();
    await lock.release();
    signals.close();
  }
}

function checkTogether(options: UpOptions, demo: boolean): void {
  const ports = [options.gatewayPort, options.hospitalPort, options.appPort];
  if (new Set(ports).size < ports.length) {
    throw wrongUse("Gateway, console and patient app need three different ports.");
  }
  if (!demo && (options.speed !== undefined || options.recordings !== undefined)) {
    throw wrongUse("--speed and --recordings belong to --demo or --smoke.");
  }
}

interface Run {
  readonly options: UpOptions;
  readonly context: CommandContext;
  readonly layout: Layout;
  readonly parts: Supervised[];
  readonly signal: AbortSignal;
}

async function run({ options, context, layout, parts, signal }: Run): Promise<void> {
  const { output } = context;
  const say = (line: string): void => output.note(line);
  const plan = await planOf(options, layout);
  // Before anything is started: a wrong folder should not take seconds to be found.
  const found = plan.demo ? await choosePatients(options, context) : undefined;
  await waitForFreePorts(wantedPorts(plan.ports), systemClock, say);
  say("Starting database, gateway and hospital ...");
  await startInstallation({ plan, clock: systemClock, say, signal, parts });
  if (found === undefined) {
    announce(plan, { options, context, isFresh: await hasNobody(plan) });
    await untilAborted(signal);
    return;
  }
  say(found.says);
  const summary = await runDemo({ options, context, plan, found, signal, parts });
  if (summary === undefined) return;
  output.print(JSON.stringify(summary));
  if (!isFlawless(summary)) {
    throw new CliError("The demo's counts do not agree: see the summary above.", {
      exitCode: EXIT.failed,
    });
  }
}

async function planOf(options: UpOptions, layout: Layout): Promise<InstallationPlan> {
  const consoleFolder = await findWebApp("console");
  const appFolder = await findWebApp("patient");
  return {
    layout,
    ports: { gateway: options.gatewayPort, console: options.hospitalPort, app: options.appPort },
    demo: options.demo === true || options.smoke === true,
    ...(consoleFolder === undefined ? {} : { consoleFolder }),
    ...(appFolder === undefined ? {} : { appFolder }),
    telling: tellingSettings(process.env),
  };
}

function wantedPorts(ports: Ports): Parameters<typeof waitForFreePorts>[0] {
  return [
    { program: "gateway", port: ports.gateway, option: "--gateway-port" },
    { program: "console", port: ports.console, option: "--hospital-port" },
    { program: "patient app", port: ports.app, option: "--app-port" },
  ];
}

/** Whether nobody has an account yet: then the console can be entered by nobody. */
async function hasNobody({ layout }: InstallationPlan): Promise<boolean> {
  const operator = createOperatorClient(layout.operatorSocket);
  try {
    // It is only said: where it cannot be told, what runs goes on running.
    const staff = await operator.staff().catch(() => undefined);
    return staff?.every(({ role }) => role === "integration") === true;
  } finally {
    operator.close();
  }
}

interface Announcing {
  readonly options: UpOptions;
  readonly context: CommandContext;
  readonly isFresh: boolean;
}

function announce(
  { ports, appFolder }: InstallationPlan,
  { options, context: { output }, isFresh }: Announcing,
): void {
  const addresses = {
    console: `http://localhost:${ports.console}`,
    app: `http://localhost:${ports.app}`,
    gateway: gatewayUrl(ports),
  };
  if (options.json) output.print(JSON.stringify({ ready: true, ...addresses, fresh: isFresh }));
  else {
    output.print(`Console:     ${addresses.console}`);
    output.print(`Patient app: ${addresses.app}${appFolder === undefined ? " (not built)" : ""}`);
    output.print(`Gateway:     ${addresses.gateway}`);
    if (isFresh) output.print(firstSteps(options.data));
    output.print("Running; Ctrl-C stops everything.");
  }
}

/** How somebody gets in where nobody can: there is no account but those that are made on this machine (SR-14). */
function firstSteps(data: string): string {
  const folder = data === DEFAULT_DATA ? "" : ` --data '${data}'`;
  return `Nobody has an account yet. For the first administrator's link, in another terminal:\n  npx --no-install siphms staff add "YOUR NAME" --role administrator${folder}`;
}

/** Waits until the person at the terminal has had enough. */
function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
