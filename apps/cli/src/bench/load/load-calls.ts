import type { PlainForm } from "../plain/plain-tables.ts";
import type { FleetOptions } from "./fleet.ts";
import type { LoadReport } from "./load-run.ts";
import type { LoadPhase } from "./schedule.ts";

/** What a load generator makes and sends: our envelopes, or messages of the plain pipeline. */
export type LoadKind = "sealed" | PlainForm;

/** One stretch of load. */
export interface LoadWork {
  readonly kind: LoadKind;
  readonly port: number;
  readonly count: number;
  /** What the gateway is asked to wait. */
  readonly waitSeconds: number;
  /**
   * Of sealed ones, where alerts are measured: every session's heart begins to race once, and before that is calm. The sessions
   * take turns over so many rounds of messages; see `racing.ts`.
   */
  readonly racingWithin?: number;
}

/** How requests are sent: each connection one after the other, or at fixed rates. */
export type LoadPace =
  | { readonly kind: "saturate"; readonly connections: number }
  | {
      readonly kind: "paced";
      readonly phases: readonly LoadPhase[];
      readonly maxConnections: number;
      /** Whether an answer counts as there when it is verified, or when it is whole; then all are verified at the end. */
      readonly verify: "on-arrival" | "afterwards";
    };

/** What a load generator's process can be asked. */
export interface LoadCalls {
  /** Enrols devices; once. */
  enrol(options: FleetOptions): Promise<null>;
  /** Opens sessions until there are so many. */
  openSessions(count: number): Promise<null>;
  /** Makes requests, signed and sealed, for the next `send`. */
  prepare(work: LoadWork): Promise<null>;
  /** Sends what was prepared. */
  send(pace: LoadPace): Promise<LoadReport>;
  /** Keeps a mailbox wait open for each of the first so many sessions, as idle devices do; says how it stands. */
  holdWaits(options: { readonly port: number; readonly count: number }): Promise<HeldWaits>;
  /** Ends all waits and their connections. */
  endWaits(input: null): Promise<null>;
}

/** The state of the held waits. */
export interface HeldWaits {
  readonly open: number;
  /** Waits that were answered by anything but "nothing there", since the start. */
  readonly failed: number;
}
