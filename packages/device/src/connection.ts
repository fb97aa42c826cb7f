import { converse, type ConversationContext } from "./conversation.ts";
import { DeviceError } from "./errors.ts";
import { isFinal, type Patience } from "./patience.ts";
import type { Requests } from "./requests.ts";
import type { Session } from "./session.ts";
import type { DeviceEvent, SessionEnd } from "./status.ts";

/** Ends that say nothing against the session having worked. */
const ORDINARY_ENDS: ReadonlySet<SessionEnd | undefined> = new Set([
  "renewal",
  "stopped",
  "given-up",
  "sequence-exhausted",
]);

/** What {@link Connection} needs. */
export interface ConnectionContext {
  readonly conversation: ConversationContext;
  readonly patience: Patience;
  readonly requests: Requests;
  readonly emit: (event: DeviceEvent) => void;
  /** Opens a session and hands it to {@link Connection.adopt}. */
  readonly open: (signal: AbortSignal | undefined) => Promise<void>;
}

/** How long {@link Connection.keep} goes on. */
export interface KeepOptions {
  readonly signal: AbortSignal | undefined;
  readonly isDone: () => boolean;
}

/** The one session that a device has at a time, and the waiting between two of them. */
export class Connection {
  readonly #context: ConnectionContext;
  #session: Session | undefined;

  /** No session yet. */
  constructor(context: ConnectionContext) {
    this.#context = context;
  }

  /** The open session. */
  get session(): Session | undefined {
    return this.#session?.endReason === undefined ? this.#session : undefined;
  }

  /** Takes a session into use in the place of the one before. */
  adopt(session: Session): void {
    this.drop("given-up");
    this.#session = session;
    this.#context.patience.connected();
    const { expires, clockOffsetMs } = session;
    this.#context.emit({ type: "session-opened", expires, clockOffsetMs });
  }

  /** Ends the open session, if there is one. */
  drop(reason: SessionEnd): void {
    this.#session?.end(reason);
    this.#buryEnded();
  }

  /**
   * Sends and listens in sessions, one after the other, until done or aborted.
   *
   * @throws {DeviceError} Only what cannot be waited out: see {@link isFinal}.
   */
  async keep(options: KeepOptions): Promise<void> {
    while (options.signal?.aborted !== true && !options.isDone()) {
      const session = this.session ?? (await this.#openPatiently(options.signal));
      if (session !== undefined) await this.converse(session, options);
    }
  }

  /** Sends and listens in this one session. @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`. */
  async converse(session: Session, options: KeepOptions): Promise<void> {
    try {
      await converse(this.#context.conversation, session, options);
    } catch (error) {
      session.end("given-up");
      throw error;
    } finally {
      this.#buryEnded();
    }
  }

  async #openPatiently(signal: AbortSignal | undefined): Promise<Session | undefined> {
    await this.#context.patience.passed(signal);
    if (signal?.aborted === true) return undefined;
    try {
      await this.#context.open(signal);
    } catch (error) {
      if (!(error instanceof DeviceError) || isFinal(error)) throw error;
      if (error.code !== "ABORTED") this.#context.patience.report(error);
    }
    return this.session;
  }

  #buryEnded(): void {
    const session = this.#session;
    if (session?.endReason === undefined) return;
    this.#session = undefined;
    this.#context.requests.sessionEnded(session);
    this.#context.emit({ type: "session-ended", reason: session.endReason });
    // A gateway that refuses every session must not be asked for one after the other without a pause.
    if (!session.fruitful && !ORDINARY_ENDS.has(session.endReason)) {
      this.#context.patience.report({ code: "SESSION_UNANSWERED" });
    }
  }
}
