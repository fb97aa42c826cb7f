import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import { proveConsistency, TlogError } from "@siphms/tlog";
import {
  createLogTiles,
  readNewestCheckpoint,
  type LogHead,
  type TileRoots,
} from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import type { Notifier } from "../notify/index.ts";
import { askWitness, type AskOutcome } from "./ask-witness.ts";
import type { Witness } from "./settings.ts";
import { readCosignedSize, readWitnessStandings, storeCosignature } from "./witness-rows.ts";

/** What taking heads to a witness needs. */
export interface ErrandPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly notifier: Pick<Notifier, "systemFault">;
  /** Waits; resolves early when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How long a head may wait for a witness before administrators are told, ms. */
export const WITNESS_AWAY_MS: number = 15 * 60_000;
/** So long after they were told they are told again: somebody may have closed the alert while it lasts. */
const AGAIN_MS = 3_600_000;
const LIMIT_MS = 10_000;
const LAST_LIMIT_MS = 2_000;
/** Between two heads, and after a first failure. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** One is usual after a restart; another program of this hospital may come in between. */
const MAX_CORRECTIONS = 5;

type Fault = "log-stopped" | "witness-away" | "witness-refused";

/** One witness, and how far it has come. */
export class Errand {
  readonly #witness: Witness;
  readonly #ports: ErrandPorts;
  readonly #ended = new AbortController();
  /** What it has cosigned last under each log key, as far as is known. */
  readonly #sizes = new Map<number, number>();
  readonly #roots: TileRoots = new Map();
  #head: LogHead | undefined;
  #waitingSince: number | undefined;
  /** When administrators were told last, since it cosigned last. */
  readonly #toldAt = new Map<Fault, number>();
  #isAway = false;
  #isFaulty = false;
  /** Sizes that it has named since it cosigned last. */
  #corrections = 0;
  #ring = (): void => undefined;
  #running: Promise<void> = Promise.resolve();

  /** Nothing runs yet. */
  constructor(witness: Witness, ports: ErrandPorts) {
    this.#witness = witness;
    this.#ports = ports;
  }

  /** For how long a head waits for this witness, ms; 0 for none. */
  get waitingMs(): number {
    return this.#waitingSince === undefined ? 0 : this.#ports.clock.now() - this.#waitingSince;
  }

  /** There is a new head; an older one than is known counts for nothing. */
  wake(head: LogHead): void {
    if (this.#head !== undefined && head.checkpointId <= this.#head.checkpointId) return;
    this.#head = head;
    this.#waitingSince ??= head.at;
    this.#ring();
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Shows the newest head once more where it waits. */
  async stop(): Promise<void> {
    this.#ended.abort();
    this.#ring();
    await this.#running;
    if (this.#head === undefined || this.#waitingSince === undefined) return;
    await this.#try(this.#head, AbortSignal.timeout(LAST_LIMIT_MS));
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    await this.#resume().catch(this.#complain);
    let pauseMs = PAUSE_MS;
    while (!signal.aborted) {
      const head = this.#waitingSince === undefined ? undefined : this.#head;
      if (head === undefined) {
        await new Promise<void>((resolve) => {
          this.#ring = resolve;
        });
        continue;
      }
      const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
      const isFruitful = await this.#try(head, limit);
      await this.#ports.wait(isFruitful ? PAUSE_MS : pauseMs, signal);
      pauseMs = isFruitful ? PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Takes up what an earlier start of the program left: the clock of a witness that is away runs on. */
  async #resume(): Promise<void> {
    const { database, clock } = this.#ports;
    const [standing] = await readWitnessStandings(database, [this.#witness.name]);
    if (standing?.waitingSince === undefined) return;
    const newest = await readNewestCheckpoint(database);
    if (newest === undefined) return;
    // One that was named today has not been away since the log began.
    this.#waitingSince = standing.lastAt === undefined ? clock.now() : standing.waitingSince;
    this.wake(newest);
  }

  /** @returns whether to go on soon: it was cosigned, or there is a better question. */
  async #try(head: LogHead, limit: AbortSignal): Promise<boolean> {
    let isFruitful = false;
    try {
      isFruitful = await this.#take(head, await this.#ask(head, limit));
      // Whatever it says: while it does not cosign, the time runs.
      if (this.waitingMs > WITNESS_AWAY_MS) await this.#tell("witness-away");
    } catch (error) {
      await this.#ownFault(error);
    }
    return isFruitful;
  }

  async #ask({ keyId, size, note }: LogHead, signal: AbortSignal): Promise<AskOutcome> {
    const { database } = this.#ports;
    const witness = this.#witness.name;
    const known = this.#sizes.get(keyId) ?? (await readCosignedSize(database, { witness, keyId }));
    this.#sizes.set(keyId, known);
    // From beyond this head nothing can be proved; the witness then says itself how far it is.
    const oldSize = Math.min(known, size);
    const tiles = createLogTiles(database, this.#roots);
    const proof = await proveConsistency({ oldSize, newSize: size }, tiles);
    return askWitness(this.#witness, { note, oldSize, proof, signal });
  }

  async #take(head: LogHead, outcome: AskOutcome): Promise<boolean> {
    switch (outcome.kind) {
      case "cosigned":
        await this.#cosigned(head, outcome.line);
        return true;
      case "elsewhere":
        return this.#isElsewhere(head, outcome.size);
      case "refused":
        await this.#tell("witness-refused");
        return false;
      case "away":
        this.#away(outcome.reason);
        return false;
    }
  }

  /** It is at another size than we thought. One that names size after size is no witness: it is asked more and more seldom. */
  async #isElsewhere(head: LogHead, size: number): Promise<boolean> {
    this.#sizes.set(head.keyId, size);
    if (size > head.size && !(await this.#isAhead(size))) return false;
    this.#corrections += 1;
    if (this.#corrections <= MAX_CORRECTIONS) return true;
    this.#away("answer");
    return false;
  }

  /** It has seen more than we have shown it: another program of this hospital has, or our log was set back. */
  async #isAhead(size: number): Promise<boolean> {
    const newest = await readNewestCheckpoint(this.#ports.database);
    if (newest === undefined || newest.size < size) {
      await this.#tell("witness-refused");
      return false;
    }
    this.wake(newest);
    return true;
  }

  /** Our own log cannot be shown: to the witness that is as if it were away, and a tree with gaps is one at once. */
  async #ownFault(error: unknown): Promise<void> {
    this.#complain(error);
    const isTreeDamaged = error instanceof TlogError;
    if (!isTreeDamaged && this.waitingMs <= WITNESS_AWAY_MS) return;
    await this.#tell(isTreeDamaged ? "log-stopped" : "witness-away").catch(this.#complain);
  }

  async #cosigned(head: LogHead, line: string): Promise<void> {
    const { database, clock } = this.#ports;
    const cosignature = { checkpointId: head.checkpointId, witness: this.#witness.name, line };
    await database.withTransaction((tx) =>
      storeCosignature(tx, { ...cosignature, at: clock.now() }),
    );
    this.#sizes.set(head.keyId, head.size);
    this.#waitingSince = this.#head === head ? undefined : this.#head?.at;
    this.#toldAt.clear();
    this.#isAway = false;
    this.#isFaulty = false;
    this.#corrections = 0;
  }

  #away(reason: string): void {
    if (!this.#isAway && !this.#ended.signal.aborted) {
      const kind = this.#witness.name;
      this.#ports.log.warn("a witness of the audit log is away", { kind, reason });
    }
    this.#isAway = true;
  }

  /** When it begins, and each hour for as long as it lasts: an open alert needs no count of tries. */
  async #tell(what: Fault): Promise<void> {
    const { database, notifier, log, clock } = this.#ports;
    const [now, toldAt] = [clock.now(), this.#toldAt.get(what)];
    if (toldAt !== undefined && now - toldAt < AGAIN_MS) return;
    const reason = what === "log-stopped" ? "log-altered" : "witness";
    const kind = this.#witness.name;
    log.error("a witness of the audit log gives no cosignature", { kind, reason: what });
    await database.withTransaction((tx) => notifier.systemFault(tx, { what, reason }));
    this.#toldAt.set(what, now);
  }

  /** Said once for each time that it begins. */
  readonly #complain = (error: unknown): void => {
    if (this.#isFaulty) return;
    this.#isFaulty = true;
    this.#ports.log.error("the audit log's head cannot be shown to a witness", errorFields(error));
  };
}
