import path from "node:path";

import type { StaffLink } from "@siphms/api";

import { systemClock } from "../device-state/system-clock.ts";
import { signIn } from "../demo/console-client.ts";
import type { Pace } from "../demo/clinical-clock.ts";
import { startDemo } from "../demo/demo.ts";
import { connectDemoMachine, demoKeyFile } from "../demo/demo-machine.ts";
import type { Demo } from "../demo/demo.ts";
import { findDemoPatients } from "../demo/find-recordings.ts";
import type { FoundPatients } from "../demo/find-recordings.ts";
import { DEMO_DOCTOR, demoGuest } from "../demo/patients.ts";
import { summarise } from "../demo/summary.ts";
import type { Summary } from "../demo/summary.ts";
import { DEFAULT_DATA } from "../installation/layout.ts";
import { addDoctorOfAll } from "../installation/doctor-of-all.ts";
import type { OperatorClient } from "../installation/operator-client.ts";
import type { InstallationPlan } from "../installation/program-settings.ts";
import { gatewayUrl } from "../installation/program-settings.ts";
import type { Supervised } from "../installation/supervise.ts";
import { toTerminalQr } from "../terminal-qr.ts";
import type { CommandContext } from "./context.ts";
import { demoAnnouncement } from "./demo-announcement.ts";
import type { UpOptions } from "./up-options.ts";

/** With `--smoke` every recording is squeezed into this time. */
const SMOKE_REPLAY_MS = 8_000;

/** What {@link runDemo} needs. */
export interface DemoRun {
  readonly options: UpOptions;
  readonly context: CommandContext;
  readonly plan: InstallationPlan;
  readonly found: FoundPatients;
  readonly signal: AbortSignal;
  /** Takes the running demo, to be stopped before the other parts. */
  readonly parts: Supervised[];
}

/**
 * Plays the demo on a running installation, until the person at the terminal stops it.
 *
 * @returns With `--smoke`, once everything is played, the summary; else nothing.
 */
export async function runDemo(run: DemoRun): Promise<Summary | undefined> {
  const { options, context, plan, found, signal, parts } = run;
  const say = (line: string): void => context.output.note(line);
  const operator = await connectDemoMachine(plan.layout);
  // Patients are registered in a doctor's care: that doctor has to be there first.
  const doctor = await addDoctorOfAll(operator, DEMO_DOCTOR);
  if (options.smoke !== true) await announce(run, operator, doctor);
  const demo = await startDemo({
    folder: plan.layout.demo,
    recordings: found.recordings,
    pace: paceOf(options),
    ...{ operator, clock: systemClock, say },
  });
  parts.push({ stop: () => demo.stop(), kill: () => undefined });
  if (options.smoke !== true) {
    await watch(demo, say, signal);
    return undefined;
  }
  await Promise.race([demo.finished, rejectAborted(signal)]);
  say("Everything is played; comparing what was sent with what the doctor sees.");
  return compare({ demo, operator, doctor, synthetic: found.synthetic });
}

/** Chooses the patients of the demo, as options and environment say. */
export function choosePatients(
  { recordings }: UpOptions,
  { environment }: CommandContext,
): Promise<FoundPatients> {
  const fromEnvironment = environment["SIPHMS_RECORDINGS"];
  return findDemoPatients(recordings ?? (fromEnvironment === "" ? undefined : fromEnvironment));
}

function paceOf({ speed, smoke }: UpOptions): Pace {
  if (speed !== undefined) return { kind: "speed", speed };
  return smoke === true ? { kind: "squeezed", replayMs: SMOKE_REPLAY_MS } : { kind: "default" };
}

async function announce(run: DemoRun, operator: OperatorClient, doctor: StaffLink): Promise<void> {
  const { options, context, plan } = run;
  const { output } = context;
  const guest = await demoGuest(operator, systemClock.now());
  const invitation = await operator.invite(guest);
  const gateway = gatewayUrl(plan.ports);
  const hasApp = plan.appFolder !== undefined;
  if (options.json) {
    const ready = {
      ...{ ready: true, console: doctor.link, gateway, invitation: invitation.link },
      ...{ patient: guest, appBuilt: hasApp },
    };
    output.print(JSON.stringify(ready));
    return;
  }
  output.print(await toTerminalQr(invitation.link, output.isTerminal));
  const lines = demoAnnouncement({
    invitation: { link: invitation.link, until: timeOf(invitation.expires) },
    doctor: { name: DEMO_DOCTOR, link: doctor.link, until: timeOf(doctor.expires) },
    ...{ guest, gateway, hasApp, keyFile: shortPath(demoKeyFile(plan.layout)) },
    ...(options.data === DEFAULT_DATA ? {} : { data: options.data }),
  });
  for (const line of lines) output.print(line);
}

/** As somebody in this folder would type it. */
function shortPath(file: string): string {
  const relative = path.relative("", file);
  return relative.startsWith("..") ? file : relative;
}

function timeOf(at: number): string {
  return new Date(at).toLocaleTimeString();
}

/** Says how the replay goes until the person at the terminal has had enough. */
async function watch(demo: Demo, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  demo.finished.then(
    () => {
      if (signal.aborted) return;
      say("Every recording is played to its end. The installation keeps running.");
    },
    (error: unknown) => {
      if (signal.aborted) return;
      const why = error instanceof Error ? error.message : "unknown";
      say(`A demo device stopped: ${why} The others go on.`);
    },
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function rejectAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new Error("stopped"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}

interface Comparison {
  readonly demo: Demo;
  readonly operator: OperatorClient;
  readonly doctor: StaffLink;
  readonly synthetic: boolean;
}

async function compare({ demo, operator, doctor, synthetic }: Comparison): Promise<Summary> {
  const console = await signIn(doctor.link);
  try {
    const { playing, latencies } = demo;
    return await summarise({ playing, latencies, operator, console, synthetic });
  } finally {
    await console.close();
    operator.close();
  }
}
