import { LOG_EVENTS } from "@siphms/audit";
import { errorFields } from "@siphms/server-kit";
import type { AuditEntry } from "../database/index.ts";
import type { LogHead } from "./checkpoints.ts";
import { appendAudit } from "./events.ts";
import { createLogWatch, type LogWatchPorts } from "./log-watch.ts";
import { createSequencer, type SequencerPorts } from "./sequencer.ts";

/** The audit log of a running hospital. */
export interface AuditLog {
  /** The newest signed head; `undefined` until the first. */
  readonly newest: LogHead | undefined;
  /** For how long the oldest entry waits to be taken into the log, ms; looked at now and then. */
  readonly waitingMs: number;
  /** Notes the end of the program as its last entry, and signs a head that covers it. */
  stop(): Promise<void>;
}

/** What carrying the log on needs while the hospital runs. */
export interface AuditLogPorts extends SequencerPorts, Pick<LogWatchPorts, "onFault"> {
  /** How the hospital is run, for the entry of its start. */
  readonly configuration: NonNullable<AuditEntry["detail"]>;
}

/** Notes that the program runs, and how, before anything else is done, and begins to carry the log on. */
export async function startAuditLog(ports: AuditLogPorts): Promise<AuditLog> {
  const { database, clock, log } = ports;
  const note = (event: string, detail: AuditEntry["detail"] = {}): Promise<void> => {
    const entry: AuditEntry = {
      ...{ at: clock.now(), event, actor: "hospital" },
      ...{ action: "execute", outcome: "done", detail },
    };
    return database.withTransaction((tx) => appendAudit(tx, [entry]));
  };
  await note(LOG_EVENTS.started, ports.configuration);
  const sequencer = createSequencer({
    ...ports,
    onForged: () => {
      watch.noteForged();
    },
  });
  const watch = createLogWatch({ ...ports, isAltered: () => sequencer.isAltered });
  sequencer.start();
  watch.start();
  return {
    get newest() {
      return sequencer.newest;
    },
    get waitingMs() {
      return watch.waitingMs;
    },
    async stop() {
      watch.stop();
      await note(LOG_EVENTS.stopped).catch((error: unknown) => {
        log.error("the end of this program is not in the audit log", errorFields(error));
      });
      await sequencer.stop();
    },
  };
}
