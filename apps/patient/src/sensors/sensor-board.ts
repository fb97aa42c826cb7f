import { Observed, type Observable } from "../observable.ts";
import { type Board, boardAfter, boardOf, EMPTY_BOARD } from "./board.ts";
import type { SensorEvent } from "./events.ts";
import type { Sensors } from "./sensors.ts";

/** Remembers for the screens what the sensors said: it has to be there before they start. */
export class SensorBoard implements Observable<Board> {
  readonly #sensors: Pick<Sensors, "list" | "subscribe">;
  readonly #unsubscribe: () => void;
  readonly #board: Observed<Board>;

  /** Listens from now on. */
  constructor(sensors: Pick<Sensors, "list" | "subscribe">) {
    this.#sensors = sensors;
    this.#board = new Observed(boardOf(EMPTY_BOARD, sensors.list()));
    this.#unsubscribe = sensors.subscribe((event) => this.#take(event));
  }

  /** What is known now; the same object until something changes. */
  readonly snapshot = (): Board => this.#board.snapshot();

  /** Calls `listener` after each change; returns how to stop. */
  readonly subscribe = (listener: () => void): (() => void) => this.#board.subscribe(listener);

  /** After a sensor was forgotten or named its user: there is no event for that. */
  readonly refresh = (): void => {
    this.#board.set(boardOf(this.snapshot(), this.#sensors.list()));
  };

  /** Listens no more. */
  close(): void {
    this.#unsubscribe();
    this.#board.silence();
  }

  #take(event: SensorEvent): void {
    this.#board.set(boardOf(boardAfter(this.snapshot(), event), this.#sensors.list()));
  }
}
