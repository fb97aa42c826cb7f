import type { Clock, Lifecycle, Logger } from "@siphms/server-kit";
import { startAuditLog, type LogHead } from "./audit/index.ts";
import type { InstalledFoundation } from "./foundation.ts";
import { noteSystemFault } from "./notify/index.ts";
import { noteSettings } from "./settings-noted.ts";
import type { HospitalSettings } from "./settings.ts";
import { readVersion } from "./system/index.ts";
import { createWitnessJob } from "./witness/index.ts";

/** What carrying on the audit log needs, besides the foundation. */
export interface WitnessedLogOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: HospitalSettings;
  readonly lifecycle: Pick<Lifecycle, "onStop">;
}

/** The audit log while the hospital runs. */
export interface WitnessedLog {
  /** The newest signed head; `undefined` until this program knows one. */
  newest(): LogHead | undefined;
  /** For how long a head waits for a witness, ms; 0 where none does. */
  waitingForWitnessMs(): number;
  /** For how long the oldest entry waits to be taken into the log, ms. */
  waitingForLogMs(): number;
}

/** In the place of a log, where what the log costs is measured. */
export const NO_LOG: WitnessedLog = {
  newest: () => undefined,
  waitingForWitnessMs: () => 0,
  waitingForLogMs: () => 0,
};

/**
 * Starts what makes a log of the entries and takes its heads to the witnesses.
 *
 * To be called before whatever writes entries is started: all is ended in the opposite order, so that the last entries get
 * their head, and the last head its cosignatures.
 */
export async function startWitnessedLog(
  { database, keyring }: InstalledFoundation,
  { clock, log, settings, lifecycle }: WitnessedLogOptions,
): Promise<WitnessedLog> {
  const job = createWitnessJob({
    ...{ database, clock, log, witnesses: settings.witnesses },
    notifier: { systemFault: (tx, fault) => noteSystemFault(tx, fault, clock.now()) },
  });
  lifecycle.onStop({ name: "witnesses", stop: () => job.stop() });
  const auditLog = await startAuditLog({
    ...{ database, keyring, clock, log },
    configuration: noteSettings(settings, readVersion()),
    onCheckpoint: (head) => {
      job.wake(head);
    },
    onFault: (reason) =>
      database.withTransaction((tx) =>
        noteSystemFault(tx, { what: "log-stopped", reason }, clock.now()),
      ),
  });
  lifecycle.onStop({ name: "audit log", stop: () => auditLog.stop() });
  job.start();
  return {
    newest: () => auditLog.newest,
    waitingForWitnessMs: () => job.waitingMs(),
    waitingForLogMs: () => auditLog.waitingMs,
  };
}
