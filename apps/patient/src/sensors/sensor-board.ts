import { type Board, boardAfter, boardOf, EMPTY_BOARD } from "./board.ts";
import type { SensorEvent } from "./events.ts";
import type { Sensors } from "./sensors.ts";

/** Remembers for the screens what the sensors said: it has to be there before they start. */
export class SensorBoard {
  readonly #sensors: Pick<Sensors, "list" | "subscribe">;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: () => void;
  #board: Board;

  /** Listens from now on. */
  constructor(sensors: Pick<Sensors, "list" | "subscribe">) {
    this.#sensors = sensors;
    this.#board = boardOf(EMPTY_BOARD, sensors.list());
    this.#unsubscribe = sensors.subscribe((event) => this.#take(event));
  }

  /** What is known now; the same object until something changes. */
  readonly snapshot = (): Board => this.#board;

  /** Calls `listener` after each change; returns how to stop. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** After a sensor was forgotten or named its user: there is no event for that. */
  readonly refresh = (): void => {
    this.#show(boardOf(this.#board, this.#sensors.list()));
  };

  /** Listens no more. */
  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
  }

  #take(event: SensorEvent): void {
    this.#show(boardOf(boardAfter(this.#board, event), this.#sensors.list()));
  }

  #show(board: Board): void {
    this.#board = board;
    for (const listener of this.#listeners) listener();
  }
}
