import { errorFields, type Logger } from "@siphms/server-kit";
import type { NodeCrypto, SignatureCrew } from "@siphms/node-crypto";
import { isShortage, type Database } from "../database/index.ts";
import type { HospitalIdentity } from "../keys/index.ts";
import type { LiveSession, LiveSessions, SessionAbsence } from "../sessions/index.ts";
import { ingestGroup, type GroupPorts, type GroupResult } from "./ingest-group.ts";
import { openGroup, type OpenedEnvelope, type UnansweredEnvelope } from "./open-envelope.ts";
import type { PipelineStages } from "./pipeline.ts";
import type { InboundEnvelope, IngestOutcome } from "./ports.ts";

/** An envelope between the two stages. */
export type IngestItem = OpenedEnvelope | UnansweredEnvelope;

/** What the stages need. */
export interface StagePorts {
  readonly database: Database;
  readonly crypto: NodeCrypto;
  readonly crew: SignatureCrew;
  readonly identities: readonly HospitalIdentity[];
  readonly live: LiveSessions;
  readonly log: Logger;
  readonly group: GroupPorts;
  readonly pause: (ms: number) => Promise<void>;
  /** True from the moment on when nothing may be waited for any more. */
  readonly isStopped: () => boolean;
  /** Called after each commit. */
  readonly onCommitted: (result: GroupResult) => void;
}

/** How often an envelope that fails is tried while the database works, before it counts as one we cannot deal with. */
const MAX_ATTEMPTS = 3;
/** Even keeping it as refused can fail; then nothing is said, and the gateway sends it again after its next connecting. */
const MAX_ATTEMPTS_IN_ALL = 6;
const RETRY_MS = 1000;

/** Creates the two stages of ingest: open and verify, then store and answer. */
export function createStages(ports: StagePorts): PipelineStages<IngestItem> {
  return {
    async open(group) {
      const found = await loadSessions(group, ports);
      const onFault = (error: unknown): void => {
        ports.log.error("envelope not opened", errorFields(error));
      };
      return openGroup(group, found, { ...ports, onFault });
    },
    store: (group) => store(group, ports),
  };
}

/** Without the database there is nothing to say about any envelope: waits until it is back. */
async function loadSessions(
  group: readonly InboundEnvelope[],
  { live, database, log, isStopped, pause }: StagePorts,
): Promise<ReadonlyMap<string, LiveSession | SessionAbsence>> {
  const sids = group.map(({ sid }) => sid);
  for (;;) {
    try {
      return await live.load(database, sids);
    } catch (error) {
      log.error("sessions not loaded", { count: sids.length, ...errorFields(error) });
      if (isStopped()) return new Map();
      await pause(RETRY_MS);
    }
  }
}

async function store(
  group: readonly IngestItem[],
  ports: StagePorts,
): Promise<readonly (IngestOutcome | undefined)[]> {
  // At the end of the program a session may just not have been loaded: nothing may be said about its envelopes.
  if (ports.isStopped()) return [];
  try {
    return await storeTogether(group, ports);
  } catch (error) {
    ports.log.warn("group not stored", { count: group.length, ...errorFields(error) });
  }
  // One of them, or the database: each alone, so that one cannot hold up the others.
  const outcomes: (IngestOutcome | undefined)[] = [];
  for (const item of group) outcomes.push(await storeAlone(item, ports));
  return outcomes;
}

async function storeTogether(
  group: readonly IngestItem[],
  ports: StagePorts,
): Promise<readonly IngestOutcome[]> {
  const result = await ports.database.withTransaction((tx) => ingestGroup(tx, group, ports.group));
  ports.onCommitted(result);
  return result.outcomes;
}

async function storeAlone(item: IngestItem, ports: StagePorts): Promise<IngestOutcome | undefined> {
  const { database, log, isStopped, pause } = ports;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS_IN_ALL && !isStopped();) {
    try {
      const [outcome] = await storeTogether(
        [attempt <= MAX_ATTEMPTS ? item : unableTo(item)],
        ports,
      );
      return outcome;
    } catch (error) {
      log.error("envelope not stored", { attempt, ...errorFields(error) });
      // While the database is away or wants for something (a full disk still answers), no envelope is to blame.
      if (!isShortage(error) && (await isUp(database))) attempt += 1;
      else await pause(RETRY_MS);
    }
  }
  return undefined;
}

async function isUp(database: Database): Promise<boolean> {
  try {
    await database.query("SELECT 1 AS one");
    return true;
  } catch {
    return false;
  }
}

/** Kept as it came, with the reason that we could not deal with it. */
function unableTo({ inbound, hash }: Pick<IngestItem, "inbound" | "hash">): UnansweredEnvelope {
  return { kind: "unanswered", inbound, hash, reason: "internal", isKnownSession: true };
}
