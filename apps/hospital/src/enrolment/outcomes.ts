import type { Bytes } from "@siphms/cose";
import { ProblemError } from "../http/index.ts";
import type { ConfirmOutcome } from "./confirm-code.ts";
import type { RegisterOutcome } from "./desk.ts";

/** The id of the patient who was registered. @throws {ProblemError} `conflict`, `demo-only`, `malformed` */
export function registeredOf(outcome: RegisterOutcome): string {
  switch (outcome.kind) {
    case "registered":
      return outcome.patientId;
    case "demo-only":
      throw new ProblemError("demo-only");
    case "doctor-unknown":
      throw new ProblemError("conflict", "No doctor of this name is there. Add the doctor first.");
    case "date-impossible":
      throw new ProblemError("malformed", "A date is not one of the calendar.");
    case "mrn-taken":
      throw new ProblemError("conflict", "A patient with this record number is there already.");
  }
}

/** The kid of the device that was confirmed. @throws {ProblemError} `code-refused`, `conflict`, `not-found` */
export function confirmedOf(outcome: ConfirmOutcome): Bytes {
  switch (outcome.kind) {
    case "confirmed":
      return outcome.kid;
    case "patient-unknown":
      throw new ProblemError("not-found", "No patient has this record number.");
    case "nothing-pending":
      throw new ProblemError("conflict", "No device of this patient waits for a confirmation.");
    case "code-differs":
      throw new ProblemError(
        "code-refused",
        "No waiting device of this patient shows these digits. If the patient reads other digits than the list shows, somebody stands between: revoke the device and make a new invitation.",
      );
    case "tries-spent":
      throw new ProblemError(
        "conflict",
        "The digits were wrong five times, so the device was dropped and waits no longer. Make a new invitation.",
      );
  }
}
