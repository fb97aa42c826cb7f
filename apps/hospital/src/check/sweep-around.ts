import type { AroundPorts } from "./around.ts";
import type { PlannedSweep } from "./sweep.ts";
import { sweepBackups } from "./sweep-backups.ts";
import { sweepClock } from "./sweep-clock.ts";
import { sweepKek } from "./sweep-kek.ts";
import { sweepIdle, sweepSecondFactors } from "./sweep-people.ts";
import { sweepPrivileges } from "./sweep-privileges.ts";
import { sweepTls, sweepUnsafeSettings } from "./sweep-tls.ts";
import { sweepWitnesses } from "./sweep-witnesses.ts";

/** Looks at how the hospital is run: keys, TLS, backups, clock, and what the database lets the service do. */
export function sweepsAround(ports: AroundPorts): readonly PlannedSweep[] {
  return [
    { check: "tls", run: () => sweepTls(ports) },
    { check: "unsafe-settings", run: () => sweepUnsafeSettings(ports) },
    { check: "key-encryption-key", run: () => sweepKek(ports) },
    { check: "backups", run: () => sweepBackups(ports) },
    { check: "second-factor", run: () => sweepSecondFactors(ports) },
    { check: "idle-limit", run: () => sweepIdle(ports) },
    { check: "clock", run: () => sweepClock(ports) },
    { check: "retention", run: () => sweepPrivileges(ports) },
    { check: "witnesses", run: () => sweepWitnesses(ports) },
  ];
}
