import type { StaffAccount, StaffLink } from "@siphms/api";
import { ProblemError } from "../http/index.ts";
import type { AddIntegrationOutcome } from "./integration.ts";
import type { AddOutcome, DisableOutcome, RoleOutcome } from "./staff-desk.ts";
import type { Staff } from "./staff-rows.ts";

/** An account as the APIs show it. */
export function describeAccount({ name, role, state }: Staff): StaffAccount {
  return { name, role, state };
}

/** The link of somebody who was added, or was there. @throws {ProblemError} `conflict` */
export function addedOf(outcome: AddOutcome): StaffLink {
  if (outcome.kind === "own-account") throw ownAccount();
  if (outcome.kind !== "added") throw notAdded(outcome.kind);
  return { link: outcome.link, expires: outcome.expires };
}

/** The machine's account that was added, or got another key. @throws {ProblemError} `conflict`, `malformed` */
export function addedMachineOf(outcome: AddIntegrationOutcome): StaffAccount {
  if (outcome.kind === "key-invalid") {
    throw new ProblemError("malformed", "The key is no point of the curve P-256.");
  }
  if (outcome.kind !== "added") throw notAdded(outcome.kind);
  return describeAccount(outcome.staff);
}

/** The account that was disabled. @throws {ProblemError} `conflict`, `not-found` */
export function disabledOf(outcome: DisableOutcome): StaffAccount {
  if (outcome.kind === "staff-unknown") throw unknownName();
  if (outcome.kind === "own-account") throw ownAccount();
  if (outcome.kind === "changed-meanwhile") throw new ProblemError("conflict");
  return describeAccount(outcome.staff);
}

/** The account that has another role now. @throws {ProblemError} `conflict`, `not-found` */
export function changedRoleOf(outcome: RoleOutcome): StaffAccount {
  if (outcome.kind === "staff-unknown") throw unknownName();
  if (outcome.kind === "own-account") throw ownAccount();
  if (outcome.kind === "disabled") throw new ProblemError("conflict", "It is disabled.");
  if (outcome.kind === "changed-meanwhile") throw new ProblemError("conflict");
  return describeAccount(outcome.staff);
}

function notAdded(why: "disabled" | "role-differs"): ProblemError {
  return new ProblemError(
    "conflict",
    why === "disabled"
      ? "This account is disabled."
      : "Somebody of this name is there in another role.",
  );
}

function ownAccount(): ProblemError {
  return new ProblemError("conflict", "It is your own account. Ask another administrator.");
}

function unknownName(): ProblemError {
  return new ProblemError("not-found", "Nobody of this name has an account.");
}
