import type { DeviceErrorCode } from "@siphms/device";
import type { PatientErrorCode } from "../errors.ts";
import type { VaultStatus } from "../vault/vault.ts";
import type { OpenApp } from "./open-app.ts";

/** What a browser may lack that nothing here works without. */
export type MissingFeature = "secure-context" | "storage" | "locks" | "cryptography" | "workers";

/** What an invitation says before it is taken. */
export interface InvitationView {
  readonly hospitalName: string;
  /** The hospital key's kid, in hexadecimal: what the hospital shows as well. */
  readonly fingerprint: string;
  /** By this phone's clock; the hospital judges it. */
  readonly hasExpired: boolean;
}

/** Why the app cannot be used now. */
export type FailureCode = PatientErrorCode | DeviceErrorCode | "FAILED";

/** Where the app stands; each has a screen of its own. */
export type AppStage =
  | { readonly kind: "starting" }
  | { readonly kind: "unsupported"; readonly missing: readonly MissingFeature[] }
  /** Another tab leads. */
  | { readonly kind: "elsewhere" }
  | { readonly kind: "failed"; readonly code: FailureCode }
  | {
      readonly kind: "welcome";
      readonly invitation: InvitationView | undefined;
      /** What was scanned or pasted last was no invitation. */
      readonly isMalformed: boolean;
      /** Whether there is no way in yet that has to be chosen. */
      readonly needsMethods: boolean;
    }
  | {
      readonly kind: "enrolling";
      readonly hospitalName: string;
      /** Why it did not go on; `undefined` while it does. */
      readonly problem: FailureCode | undefined;
    }
  /** The six digits are compared with staff. */
  | { readonly kind: "pending"; readonly hospitalName: string; readonly code: string }
  /** Staff have confirmed, and both sides' signatures have verified. */
  | { readonly kind: "confirmed"; readonly hospitalName: string }
  | {
      readonly kind: "locked";
      readonly vault: VaultStatus;
      /** Items that are not delivered: without a way in they would be lost. */
      readonly unsent: number;
      /** Monitoring goes on behind the lock until then, ms. */
      readonly monitoringUntil: number | undefined;
    }
  | { readonly kind: "open"; readonly app: OpenApp }
  | { readonly kind: "wiped" };
