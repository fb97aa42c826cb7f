import { createServer } from "node:net";

import type { Clock } from "@siphms/device";

import { CliError } from "../cli-error.ts";

/** A port that a program is going to listen on. */
export interface WantedPort {
  /** What will listen there, for the message. */
  readonly program: string;
  readonly port: number;
  /** The option that chooses another port. */
  readonly option: string;
}

/** Programs of an earlier start that was killed close within this time. */
const LEFTOVER_LIMIT_MS = 10_000;
const PAUSE_MS = 250;

/**
 * Makes sure that the ports are free, waiting a little (and saying so) for leftovers of a start that was killed.
 *
 * @throws {CliError} that names each taken port, its program, and the option to choose another.
 */
export async function waitForFreePorts(
  wanted: readonly WantedPort[],
  clock: Clock,
  say: (line: string) => void,
): Promise<void> {
  const deadline = clock.monotonic() + LEFTOVER_LIMIT_MS;
  for (let isFirst = true; ; isFirst = false) {
    const taken = await takenOf(wanted);
    if (taken.length === 0) return;
    if (isFirst) say(`Waiting for port ${taken.map(({ port }) => port).join(", ")} ...`);
    if (clock.monotonic() >= deadline) throw new CliError(taken.map(describe).join("\n"));
    await clock.sleep(PAUSE_MS);
  }
}

async function takenOf(wanted: readonly WantedPort[]): Promise<readonly WantedPort[]> {
  const free = await Promise.all(wanted.map(({ port }) => isFree(port)));
  return wanted.filter((_, index) => free[index] === false);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      probe.close(() => resolve(true));
    });
  });
}

function describe({ program, port, option }: WantedPort): string {
  return (
    `Port ${port} for the ${program} is taken by another program. ` +
    `Stop that one, or choose another port: ${option} ${port + 1000 > 65_535 ? port - 1000 : port + 1000}`
  );
}
