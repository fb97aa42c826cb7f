import { DeviceError } from "@siphms/device";

/**
 * Why there is no answer: `not-offered` (this hospital does not answer such a question), `refused`, `unanswered` (nothing came in
 * time: most likely there is no connection), `failed` (anything else).
 */
export type AnswerFault = "failed" | "not-offered" | "refused" | "unanswered";

/** A question and how it stands. The last answer stays while it is asked anew. */
export interface AnswerState<T> {
  readonly isAsking: boolean;
  readonly value?: T;
  /** Of the last try. */
  readonly fault?: AnswerFault;
}

/** One question to the hospital with its last answer, for as long as the app is open. */
export class Answer<T> {
  readonly #ask: () => Promise<T>;
  readonly #listeners = new Set<() => void>();
  #state: AnswerState<T> = { isAsking: false };

  /** Asks nothing before {@link ask}. */
  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** How it stands; the same object until it changes. */
  readonly snapshot = (): AnswerState<T> => this.#state;

  /** Calls `listener` after each change; returns how to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Asks, unless it is being asked. Resolves when it is settled; a fault is in the state. */
  readonly ask = async (): Promise<void> => {
    if (this.#state.isAsking) return;
    const { value } = this.#state;
    const before = value === undefined ? {} : { value };
    this.#set({ ...before, isAsking: true });
    try {
      this.#set({ isAsking: false, value: await this.#ask() });
    } catch (error) {
      this.#set({ ...before, isAsking: false, fault: faultOf(error) });
    }
  };

  #set(state: AnswerState<T>): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function faultOf(error: unknown): AnswerFault {
  if (!(error instanceof DeviceError)) return "failed";
  if (error.code === "REQUEST_UNANSWERED" || error.code === "ABORTED") return "unanswered";
  if (error.code !== "REQUEST_REFUSED") return "failed";
  return error.hospitalError === "unknown-method" ? "not-offered" : "refused";
}
