import { errorFields, type Logger } from "@siphms/server-kit";
import type { InboundEnvelope, IngestOutcome } from "./ports.ts";

/** The two stages that a group goes through. Neither ever rejects. */
export interface PipelineStages<Opened> {
  /** Opens and verifies: many cores, no locks. */
  readonly open: (group: readonly InboundEnvelope[]) => Promise<readonly Opened[]>;
  /** Stores and answers, in the group's order. `undefined` where an outcome is not known: nothing may be said then. */
  readonly store: (group: readonly Opened[]) => Promise<readonly (IngestOutcome | undefined)[]>;
}

/** Takes envelopes one by one and deals with them in groups. */
export interface Pipeline {
  /** @param respond - Called once, after the commit; never for an envelope whose outcome is unknown at the end. */
  submit(envelope: InboundEnvelope, respond: (outcome: IngestOutcome) => void): void;
  /** Takes nothing more and waits for what is being stored. What has not begun is dropped: its gateway sends it again. */
  stop(): Promise<void>;
}

/** Envelopes of one transaction at most. Larger ones are hardly faster, and all of them wait for the last. */
export const MAX_GROUP = 256;

interface Waiting {
  readonly envelope: InboundEnvelope;
  readonly respond: (outcome: IngestOutcome) => void;
}

/**
 * Creates a pipeline of two stages: while one group is being stored the next one is opened.
 *
 * A group is whatever came while the stage before was busy, so it is one envelope when there is little to do and grows
 * with the load. Groups are stored one after the other, in the order in which they came.
 */
export function createPipeline<Opened>(stages: PipelineStages<Opened>, log: Logger): Pipeline {
  const queue: Waiting[] = [];
  let storing: Promise<void> = Promise.resolve();
  let isRunning = false;
  let isStopped = false;

  async function storeGroup(group: readonly Waiting[], opened: readonly Opened[]): Promise<void> {
    const outcomes = await stages.store(opened);
    for (const [index, { respond }] of group.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) respond(outcome);
    }
  }

  async function run(): Promise<void> {
    while (queue.length > 0 && !isStopped) {
      const group = queue.splice(0, MAX_GROUP);
      const opened = await stages.open(group.map(({ envelope }) => envelope));
      await storing;
      storing = storeGroup(group, opened).catch((error: unknown) => {
        log.error("ingest stage failed", errorFields(error));
      });
    }
    isRunning = false;
  }

  return {
    submit(envelope, respond) {
      if (isStopped) return;
      queue.push({ envelope, respond });
      if (isRunning) return;
      isRunning = true;
      // Not in this turn: what came in the same message of the uplink belongs into the same group.
      setImmediate(() => {
        run().catch((error: unknown) => {
          isRunning = false;
          log.error("ingest pipeline failed", errorFields(error));
        });
      });
    },
    async stop() {
      isStopped = true;
      queue.length = 0;
      await storing;
    },
  };
}
