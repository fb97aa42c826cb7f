import type { AuditDifference } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import {
  compareNewest,
  findLogFault,
  LOG_WAIT_LIMIT_MS,
  readWaitingSince,
} from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";

interface Ports {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** The newest leaves, and as many older ones; all of them are compared by `siphms audit verify`. */
const MAX_LEAVES = 2000;
const CHECK = "audit-log";

const TEXTS: Readonly<Record<AuditDifference, string>> = {
  "row-missing": "the log has an entry whose row is gone",
  "entry-unreadable": "the bytes of the entry are none",
  "row-altered": "the row says something else than the log",
  "details-altered": "the details are not those that the log bound",
  "details-missing": "the log bound details, and they are gone",
  "leaf-missing": "the row has an entry that is not in the log",
  "details-stray": "there are details of no row",
  "earlier-altered": "the rows from before the log are not those that its first entry names",
};

/** Compares entries of the audit log with the rows beside them, and looks whether the log goes on. */
export async function sweepAuditLog(ports: Ports) {
  const compared = await compareNewest(ports, MAX_LEAVES);
  const findings = compared.findings.map(({ what, index, event }) => ({
    check: CHECK,
    subject: index === null ? `event ${String(event)}` : `entry ${String(index)}`,
    detail: `${TEXTS[what]}; run: siphms audit verify`,
  }));
  const fault = await findLogFault(ports.database);
  if (fault !== undefined) findings.push({ check: CHECK, subject: "tree", detail: fault });
  const since = await readWaitingSince(ports.database);
  if (since !== undefined && ports.clock.now() - since > LOG_WAIT_LIMIT_MS) {
    findings.push({
      ...{ check: CHECK, subject: "sequencer" },
      detail:
        "entries wait to be taken into the log; look in the hospital's own log why it is not carried on",
    });
  }
  return { check: CHECK, swept: compared.compared, findings };
}
