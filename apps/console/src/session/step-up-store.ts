/** Whether somebody is being asked to prove once more who they are; one question for all calls that wait for it. */
export class StepUpStore {
  #asked:
    | { readonly promise: Promise<boolean>; readonly answer: (isProved: boolean) => void }
    | undefined;
  readonly #listeners = new Set<() => void>();

  readonly isAsked = (): boolean => this.#asked !== undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Asks; the promise says whether the person has proved it. */
  ask(): Promise<boolean> {
    if (this.#asked === undefined) {
      const { promise, resolve } = withResolvers();
      this.#asked = { promise, answer: resolve };
      this.#tell();
    }
    return this.#asked.promise;
  }

  /** Ends the question; without one it does nothing. */
  answer(isProved: boolean): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.answer(isProved);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function withResolvers(): {
  readonly promise: Promise<boolean>;
  readonly resolve: (value: boolean) => void;
} {
  let resolve: (value: boolean) => void = () => undefined;
  const promise = new Promise<boolean>((settle) => (resolve = settle));
  return { promise, resolve };
}
