import { setTimeout as pause } from "node:timers/promises";
import type { Receipt } from "@siphms/messages";
import { createSignatureCrew, type NodeCrypto } from "@siphms/node-crypto";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { Database } from "../database/index.ts";
import type { HospitalIdentity, Keyring } from "../keys/index.ts";
import type { Sessions } from "../sessions/index.ts";
import { createContacts } from "./contacts.ts";
import { createPatientFactsCache, type LoadPatientFacts } from "./patient-facts.ts";
import { createPipeline } from "./pipeline.ts";
import type { AnswerRequest, InboundEnvelope, IngestOutcome, StoredEvent } from "./ports.ts";
import { createStages } from "./stages.ts";
import { createVerifiedDevices } from "./verified-devices.ts";

/** What ingest is made with. */
export interface IngestOptions {
  readonly database: Database;
  readonly keyring: Keyring;
  /** Every identity of the hospital: items may still be signed for a retired one. */
  readonly identities: readonly HospitalIdentity[];
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sessions: Sessions;
  readonly patientFacts: LoadPatientFacts;
  readonly answerRequest: AnswerRequest;
  /** The newest signed state of the audit log, which receipts name; none where it is left out. */
  readonly auditHead?: () => Receipt["audit"];
  /** Pipelines side by side; two, but for tests that need everything in one group. */
  readonly lanes?: number;
  /** Waits so many milliseconds; the timer, but for tests. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** Takes devices' envelopes, stores what they hold exactly once, and answers them. */
export interface Ingest {
  /**
   * Hands an envelope over.
   *
   * @param respond - Called once, when what it says is committed; never where this program ends before: then the
   *   gateway sends the envelope again.
   */
  submit(envelope: InboundEnvelope, respond: (outcome: IngestOutcome) => void): void;
  /** Calls back after each commit, once for each message of readings in it. @returns what ends that. */
  onStored(listener: (event: StoredEvent) => void): () => void;
  /** Takes nothing more and waits for what is being stored. */
  stop(): Promise<void>;
}

/**
 * Pipelines side by side, a session always in the same one: while one waits for the database, the other computes.
 *
 * They are to each other what two hospital processes on one database are: rows are locked in one order everywhere.
 */
const LANES = 2;

/** Joins the parts of ingest. */
export function createIngest(options: IngestOptions): Ingest {
  const { database, keyring, identities, crypto, clock, log, sessions } = options;
  const crew = createSignatureCrew(crypto);
  const listeners = new Set<(event: StoredEvent) => void>();
  let isStopped = false;

  const stages = createStages({
    database,
    crypto,
    crew,
    identities,
    log,
    live: sessions.live,
    pause: options.pause ?? ((ms) => pause(ms)),
    isStopped: () => isStopped,
    group: {
      keyring,
      crypto,
      crew,
      clock,
      devices: createVerifiedDevices(keyring),
      patientFacts: createPatientFactsCache(options.patientFacts),
      contacts: createContacts(),
      answerRequest: options.answerRequest,
      auditHead: options.auditHead ?? (() => undefined),
      closeSessionsOfDevice: (tx, deviceId, reason) =>
        sessions.closeSessionsOfDevice(tx, deviceId, reason),
      closeSession: (tx, sid, reason) => sessions.closeSession(tx, sid, reason),
    },
    onCommitted({ stored }) {
      for (const event of stored) {
        for (const listener of listeners) guarded(() => listener(event), log);
      }
    },
  });
  const lanes = Array.from({ length: options.lanes ?? LANES }, () => createPipeline(stages, log));
  return {
    submit: (envelope, respond) => {
      lanes[(envelope.sid[0] ?? 0) % lanes.length]?.submit(envelope, respond);
    },
    onStored(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      isStopped = true;
      await Promise.all(lanes.map((lane) => lane.stop()));
      await crew.close();
    },
  };
}

/** What is committed is committed: a listener that fails must not keep the answers from leaving. */
function guarded(call: () => void, log: Logger): void {
  try {
    call();
  } catch (error) {
    log.error("listener failed", errorFields(error));
  }
}
