import type { ApiAlert } from "@siphms/api";
import { playSignal, SIGNALS } from "./tones.ts";

/**
 * How the sound of alerts stands in this window. `locked`: wanted, but the browser keeps the page silent until somebody has
 * pressed something in it; `none`: it can play nothing.
 */
export type SoundState = "locked" | "none" | "off" | "on";

/** What the sound needs of the browser. */
export interface AlarmPorts {
  readonly openContext: (() => AudioContext) | undefined;
  readonly storage: Pick<Storage, "getItem" | "setItem">;
  /** Whether somebody has pressed something in this window. */
  readonly wasTouched: () => boolean;
}

/** Where this browser keeps that somebody switched the sound off. */
export const SOUND_KEY = "siphms-alert-sound";

/** The sound of alerts in one window, from the first press in it until it is closed. */
export class Alarm {
  readonly #ports: AlarmPorts;
  readonly #listeners = new Set<() => void>();
  #context: AudioContext | undefined;
  #isWanted: boolean;

  constructor(ports: AlarmPorts) {
    this.#ports = ports;
    this.#isWanted = ports.storage.getItem(SOUND_KEY) !== "off";
    if (ports.wasTouched()) this.touched();
  }

  readonly state = (): SoundState => {
    if (this.#ports.openContext === undefined) return "none";
    if (!this.#isWanted) return "off";
    return this.#context?.state === "running" ? "on" : "locked";
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Somebody has pressed something: from here on the browser lets the page be heard. */
  readonly touched = (): void => {
    if (!this.#isWanted || this.state() === "on") return;
    this.#context ??= this.#open();
    // Refused where what was pressed is no gesture to this browser: the state says so still.
    this.#context?.resume().catch(() => undefined);
  };

  /** Takes what somebody has chosen in another window of this browser. */
  readonly follow = (): void => {
    this.#isWanted = this.#ports.storage.getItem(SOUND_KEY) !== "off";
    this.#tell();
  };

  /** Switches the sound on or off, by somebody's hand; this browser remembers it. */
  switchTo(isWanted: boolean): void {
    this.#ports.storage.setItem(SOUND_KEY, isWanted ? "on" : "off");
    this.#isWanted = isWanted;
    if (isWanted) this.touched();
    this.#tell();
  }

  /** Plays the signal of a level, where it can be heard. */
  ring(level: ApiAlert["level"]): void {
    if (this.state() === "on" && this.#context !== undefined) {
      playSignal(this.#context, SIGNALS[level]);
    }
  }

  /** Gives the machine's sound back. */
  close(): void {
    this.#context?.removeEventListener("statechange", this.#tell);
    void this.#context?.close();
    this.#context = undefined;
  }

  #open(): AudioContext | undefined {
    const context = this.#ports.openContext?.();
    context?.addEventListener("statechange", this.#tell);
    return context;
  }

  readonly #tell = (): void => {
    for (const listener of this.#listeners) listener();
  };
}
