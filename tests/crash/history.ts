import { readFileSync } from "node:fs";

/** A value as the wire has it for the kinds that the crash devices record: whole numbers, a blood pressure as three. */
export type HistoryValue = number | readonly (number | null)[];

/** One sample that a device means to record. */
export interface IntendedSample {
  /** As interfaces call it: `heart-rate`. */
  readonly kind: string;
  /** ms. */
  readonly at: number;
  readonly value: HistoryValue;
  /** Why the hospital has to put it into quarantine; it has to be stored all the same. */
  readonly quarantine?: string;
}

/**
 * One line of a device's history, written before (`intended`, `posted`) or after (all others) what it tells of.
 * `t` is the machine's time in ms.
 */
export type Operation = { readonly t: number } & (
  | {
      readonly op: "started";
      /** The last reading that is in the device's store for certain. */ readonly bookmark: number;
    }
  | {
      readonly op: "intended";
      readonly reading: number;
      readonly samples: readonly IntendedSample[];
    }
  | { readonly op: "recorded"; readonly reading: number; readonly ids: readonly string[] }
  | { readonly op: "posted"; readonly sid: string; readonly seq: number; readonly hash: string }
  | {
      readonly op: "answered";
      readonly sid: string;
      readonly seq: number;
      readonly hash: string;
      readonly status: number;
    }
  | {
      readonly op: "receipted";
      readonly id: string;
      readonly name: string;
      readonly outcome: number;
      /** When the hospital stored it, as the receipt says, ms. */
      readonly stored?: number;
    }
  | { readonly op: "kept"; readonly id: string; readonly reason: string }
  | { readonly op: "alarm"; readonly alarm: string }
  | { readonly op: "problem"; readonly code: string }
  /** A session began (`opened`) or ended, and why. */
  | { readonly op: "session"; readonly event: string }
  | { readonly op: "drained"; readonly bookmark: number; readonly left: number }
);

/** What one device did. */
export interface DeviceHistory {
  readonly name: string;
  /** base64url, as `siphms device list` shows it. */
  readonly kid: string;
  /** The hospital's id of its patient. */
  readonly patient: string;
  readonly operations: readonly Operation[];
}

/**
 * Reads a history file.
 *
 * A line that the device was killed in the middle of is left out: what it would have told of had not begun, or is told
 * by what the hospital holds.
 */
export function readHistory(file: string): readonly Operation[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line) => parseOperation(line) ?? []);
}

/** One line as an operation; `undefined` where it is not whole. */
export function parseOperation(line: string): Operation | undefined {
  if (!line.startsWith("{") || !line.endsWith("}")) return undefined;
  try {
    return JSON.parse(line) as Operation;
  } catch {
    return undefined;
  }
}
