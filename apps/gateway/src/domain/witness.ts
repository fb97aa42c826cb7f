import { hospitalOfLog, type Bytes } from "@siphms/relay";
import type { Clock, Logger } from "@siphms/server-kit";
import {
  authenticateCheckpoint,
  considerCheckpoint,
  cosignCheckpoint,
  createWebEd25519,
  encodeCosignaturesAnswer,
  encodeNote,
  encodeSizeAnswer,
  parseAddCheckpoint,
  parseVerifierKey,
  TlogError,
  type AuthenticCheckpoint,
  type NoteSigner,
  type ParsedAddCheckpoint,
  type TreeHead,
  type VerifierKey,
  type WitnessDecision,
  type WitnessOutcome,
} from "@siphms/tlog";
import type { HospitalDirectory } from "./ports.ts";

/** What a witness remembers: of each log the checkpoint that it cosigned last. */
export interface WitnessMemory {
  /**
   * Reads what was cosigned last, decides, and stores what was accepted, all in one durable transaction: of two requests
   * at a time the smaller can else overwrite the larger.
   *
   * @param note - The checkpoint's note, which is kept as it came: with another of the same size it proves a fork.
   * @throws {StoreError} `STORE_FAILED`
   */
  advance(
    entry: { readonly origin: string; readonly note: Bytes },
    decide: (latest: TreeHead | undefined) => WitnessDecision,
  ): Promise<WitnessDecision>;
  /** The notes that were accepted last, one for each log. */
  list(): readonly { readonly origin: string; readonly note: Bytes }[];
}

/** What a witness works with. */
export interface WitnessPorts {
  readonly directory: HospitalDirectory;
  readonly memory: WitnessMemory;
  readonly signer: NoteSigner;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a witness answers. */
export interface WitnessReply {
  readonly outcome: WitnessOutcome;
  /** With `accepted` the cosignature, with `conflict` the size that was cosigned last. */
  readonly body?: Bytes;
  /** Whether a log that is known came on by it: who posts again what anybody may have is a stranger. */
  readonly isNew: boolean;
}

/** Cosigns the checkpoints of the hospitals' audit logs: to each log at most one history. */
export interface Witness {
  /**
   * Answers the body of `add-checkpoint`.
   *
   * @throws {StoreError} `STORE_FAILED`; nothing is cosigned then.
   * @see C2SP tlog-witness, "add-checkpoint"
   */
  addCheckpoint(body: Bytes): Promise<WitnessReply>;
}

const ED25519 = createWebEd25519();

/**
 * Creates the witness of all hospitals that are admitted with keys of their log. It learns of a log how large it is, its
 * root and when it grew, and nothing of what stands in it.
 */
export function createWitness(ports: WitnessPorts): Witness {
  const { memory, signer, clock, log } = ports;

  async function consider(request: AuthenticCheckpoint): Promise<WitnessReply> {
    const { origin, size } = request.checkpoint;
    const entry = { origin, note: encodeNote(request.note) };
    let isNew = false;
    const decision = await memory.advance(entry, (latest) => {
      isNew = latest?.size !== size;
      return considerCheckpoint(request, latest);
    });
    if (decision.kind === "conflict") {
      return { outcome: "conflict", isNew: false, body: encodeSizeAnswer(decision.size) };
    }
    if (decision.kind !== "accepted") {
      const reason = decision.kind === "unprocessable" ? decision.reason : decision.kind;
      log.error("a log asked to have another history cosigned", {
        kind: origin,
        total: size,
        reason,
      });
      return { outcome: decision.kind, isNew: false };
    }
    const statement = { text: request.note.text, timestampS: Math.floor(clock.now() / 1000) };
    const cosignature = await cosignCheckpoint(statement, signer);
    const answer = encodeCosignaturesAnswer([cosignature]);
    return { outcome: "accepted", isNew, body: answer };
  }

  return {
    async addCheckpoint(body) {
      const request = parsed(body);
      if (request === undefined) return { outcome: "bad-request", isNew: false };
      const { origin } = request.checkpoint;
      const logs = [{ origin, keys: keysOf(origin, ports.directory) }];
      if (logs[0]?.keys.length === 0) return { outcome: "unknown-log", isNew: false };
      const found = await authenticateCheckpoint(request, logs, ED25519);
      if (found.kind !== "authentic") return { outcome: found.kind, isNew: false };
      return consider(found);
    },
  };
}

function keysOf(origin: string, directory: HospitalDirectory): readonly VerifierKey[] {
  const hospital = hospitalOfLog(origin);
  const logKeys = (hospital !== undefined && directory.find(hospital)?.logKeys) || [];
  // A file admitted twice, or a key named twice in it, is one key.
  return [...new Set(logKeys)].map(parseVerifierKey).filter(({ name }) => name === origin);
}

function parsed(body: Bytes): ParsedAddCheckpoint | undefined {
  try {
    return parseAddCheckpoint(body);
  } catch (error) {
    if (error instanceof TlogError) return undefined;
    throw error;
  }
}
