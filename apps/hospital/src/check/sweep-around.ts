import type { AroundPorts } from "./around.ts";
import type { Sweep } from "./sweep.ts";
import { sweepBackups } from "./sweep-backups.ts";
import { sweepClock } from "./sweep-clock.ts";
import { sweepKek } from "./sweep-kek.ts";
import { sweepIdle, sweepSecondFactors } from "./sweep-people.ts";
import { sweepPrivileges } from "./sweep-privileges.ts";
import { sweepTls, sweepUnsafeSettings } from "./sweep-tls.ts";
import { sweepWitnesses } from "./sweep-witnesses.ts";

/** Looks at how the hospital is run: keys, TLS, backups, clock, and what the database lets the service do. */
export async function sweepAround(ports: AroundPorts): Promise<readonly Sweep[]> {
  return [
    sweepTls(ports),
    sweepUnsafeSettings(ports),
    await sweepKek(ports),
    await sweepBackups(ports),
    await sweepSecondFactors(ports),
    await sweepIdle(ports),
    await sweepClock(ports),
    await sweepPrivileges(ports),
    await sweepWitnesses(ports),
  ];
}
