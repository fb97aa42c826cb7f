import type { Invitation, RegistryDevice } from "@siphms/api";

/** How far connecting a phone has come. */
export type EnrolmentStage =
  /** An invitation is on the screen, or was: `isGood` until it expires. */
  | { readonly kind: "inviting"; readonly isGood: boolean }
  /** A phone has redeemed it; `digits`: whether it shows the six digits yet. */
  | { readonly kind: "comparing"; readonly device: RegistryDevice; readonly digits: boolean }
  | { readonly kind: "active"; readonly device: RegistryDevice }
  /** Nobody was invited from here. */
  | { readonly kind: "idle" };

/** What the stage is found from. */
export interface StageFacts {
  readonly devices: readonly RegistryDevice[];
  /** Devices that were active before anybody was invited here, by kid. */
  readonly before: ReadonlySet<string>;
  readonly invitation: Invitation | undefined;
  /** The hospital's time, ms. */
  readonly now: number;
}

/** Finds out how far it has come: a phone that waits for its digits comes before everything else. */
export function stageOf({ devices, before, invitation, now }: StageFacts): EnrolmentStage {
  const pending = devices.find(({ state }) => state === "pending");
  if (pending !== undefined) {
    return { kind: "comparing", device: pending, digits: pending.code === "shown" };
  }
  const active = devices.find(({ kid, state }) => state === "active" && !before.has(kid));
  if (active !== undefined) return { kind: "active", device: active };
  if (invitation === undefined) return { kind: "idle" };
  return { kind: "inviting", isGood: now < invitation.expires };
}

/** The digits in what somebody typed, whichever digits their keyboard has: 0-9, Arabic or Persian. Six at most. */
export function digitsIn(text: string): string {
  return (text.match(/\p{Nd}/gu) ?? []).map(valueOf).join("").slice(0, 6);
}

const ZEROS = [0x30, 0x660, 0x6f0] as const;

function valueOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  const zero = ZEROS.find((start) => code >= start && code < start + 10);
  return zero === undefined ? "" : String(code - zero);
}
