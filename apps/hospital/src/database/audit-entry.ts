import type { AuditAction } from "@siphms/audit";

/** One thing that happened: who did what to what, and how it ended. */
export interface AuditEntry {
  /** ms, the hospital's clock. */
  readonly at: number;
  /** What happened, as a code: `device.confirmed`, `patient.registered`, `readings.disclosed`. */
  readonly event: string;
  /** Who: `operator`, `hospital`, `staff:<id>` or `device:<kid in hex>`. */
  readonly actor: string;
  /** The role that the actor had; needed only where the actor is not the person who made the request. */
  readonly role?: string;
  /** The patient concerned, by id. In the log itself a pseudonym stands in its place. */
  readonly subject?: string;
  /** What was acted on, by its id. */
  readonly object?: string;
  /** The object's version after the act, where it has versions. */
  readonly version?: number;
  readonly action: AuditAction;
  readonly outcome: "done" | "refused";
  /** Why a record was used. */
  readonly purpose?: string;
  /** Codes, counts and ids. Never a name, a value, a key or a text that somebody typed. Kept sealed, and can be erased. */
  readonly detail?: Readonly<Record<string, boolean | number | string>>;
}
