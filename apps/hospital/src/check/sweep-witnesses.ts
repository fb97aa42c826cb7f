import { isLoopbackName } from "@siphms/relay";
import { readPastWitnesses, readWitnessStandings, WITNESS_AWAY_MS } from "../witness/index.ts";
import type { AroundPorts } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

const SETTING = "SIPHMS_HOSPITAL_WITNESSES";
/** So long a witness that is named no more is a finding: monitoring and people have seen it by then, and a witness may be changed. */
const LEFT_OUT_MS = 90 * 86_400_000;

/** Looks whether somebody else sees the audit log, and has seen its newest heads; and whether one that did was left out. */
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
  for (const { witness, lastAt } of await readPastWitnesses(database)) {
    if (names.includes(witness)) continue;
    const isNew = clock.now() - lastAt <= LEFT_OUT_MS;
    const last = new Date(lastAt).toISOString();
    const detail = `cosigned the audit log until ${last}, and ${SETTING} names it no more; see who left it out`;
    if (isNew) sweep.find(witness, detail);
    else sweep.note(witness, detail);
  }
  return sweep.done(witnesses.length);
}
