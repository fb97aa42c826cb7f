import { isLoopbackName } from "@siphms/relay";
import { readWitnessStandings, WITNESS_AWAY_MS } from "../witness/index.ts";
import type { AroundPorts } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

const SETTING = "SIPHMS_HOSPITAL_WITNESSES";

/** Looks whether somebody else sees the audit log, and has seen its newest heads. */
export async function sweepWitnesses(
  ports: Pick<AroundPorts, "database" | "clock" | "settings">,
): Promise<Sweep> {
  const { database, clock } = ports;
  const { witnesses } = ports.settings;
  const sweep = createSweep("witnesses");
  if (witnesses.length === 0) {
    sweep.note(
      SETTING,
      "is not set: whether the log was rewritten as a whole shows at devices alone",
    );
  } else if (witnesses.every(({ url }) => isLoopbackName(new URL(url).hostname))) {
    sweep.note(
      SETTING,
      "names this machine alone: a witness of the same operator proves nothing to others",
    );
  }
  const names = witnesses.map(({ name }) => name);
  for (const { witness, waitingSince } of await readWitnessStandings(database, names)) {
    if (waitingSince === undefined || clock.now() - waitingSince <= WITNESS_AWAY_MS) continue;
    const since = new Date(waitingSince).toISOString();
    sweep.find(
      witness,
      `has not cosigned the audit log since ${since}; see that its gateway runs and has admitted this hospital with its newest registration`,
    );
  }
  return sweep.done(witnesses.length);
}
