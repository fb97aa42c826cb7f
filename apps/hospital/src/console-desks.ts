import type { Clock, Health } from "@siphms/server-kit";
import type { CheckReport, Counters } from "@siphms/api";
import type { Alerts } from "./alerts/index.ts";
import type { ConsoleDesks } from "./app.ts";
import { createEvidenceDesk } from "./evidence/index.ts";
import type { InstalledFoundation } from "./foundation.ts";
import type { Broadcast } from "./live/index.ts";
import { createNoticeDesk } from "./notices/index.ts";
import { createNotifyDesk, type NotifyWays } from "./notify/index.ts";
import { createOversightDesk } from "./oversight/index.ts";
import type { KeyDesk } from "./operator/index.ts";
import type { Protocol } from "./protocol.ts";
import { createQuarantineDesk } from "./quarantine/index.ts";
import { createPlanDesk } from "./plans/index.ts";
import type { Records } from "./records/index.ts";
import { createSystemDesk } from "./system/index.ts";

/** What is told of the installation, at the console and to the operator. */
export interface Reports {
  readonly keys: KeyDesk;
  readonly counters: () => Promise<Counters>;
  readonly check: () => Promise<CheckReport>;
}

/** What the desks of the console are joined with. */
export interface DeskParts {
  readonly alerts: Pick<Alerts, "desk" | "job">;
  readonly clock: Clock;
  readonly records: Records;
  readonly protocol: Pick<Protocol, "gateways" | "queueNotice">;
  readonly broadcast: Pick<Broadcast, "patient">;
  readonly health: Health;
  readonly demo: boolean;
  readonly dataFolder: string;
  /** In which weeks begin and nights are counted. */
  readonly timeZone: string;
  /** How people are told of alerts beside the console. */
  readonly ways: NotifyWays;
  readonly reports: Reports;
}

/** Joins what staff do at the console, but for enrolment, which operators do as well. */
export function createConsoleDesks(
  installed: InstalledFoundation,
  parts: DeskParts,
): Omit<ConsoleDesks, "enrolment"> {
  const { database, keyring, crypto, keys, installation } = installed;
  const { alerts, clock, records, protocol, broadcast, reports } = parts;
  const hospital = { id: installation.hospitalId, name: installation.hospitalName };
  const shared = { database, keyring, clock, records };
  const notices = createNoticeDesk({
    ...shared,
    queueNotice: (tx, notice) => protocol.queueNotice(tx, notice),
  });
  return {
    alerts: alerts.desk,
    evidence: createEvidenceDesk({ ...shared, crypto, keys, hospital }),
    notices,
    plans: createPlanDesk({
      ...shared,
      notices,
      onSet: (patient) => {
        broadcast.patient({ patient });
        alerts.job.wake();
      },
    }),
    notify: createNotifyDesk({ ...shared, ways: parts.ways }),
    oversight: createOversightDesk({ database, keyring, clock, timeZone: parts.timeZone }),
    quarantine: createQuarantineDesk({
      ...shared,
      onDecided: (patient) => {
        broadcast.patient({ patient });
      },
    }),
    system: createSystemDesk({
      ...parts,
      database,
      hospital,
      gateways: () => protocol.gateways(),
      counters: reports.counters,
      keyStatus: () => reports.keys.status(),
      runCheck: reports.check,
    }),
  };
}
