import type { CareRelations, EndedCare, Reviews } from "@siphms/api";
import { ProblemError } from "../http/index.ts";
import type { ReviewView } from "./break-glass-desk.ts";
import type { BeginCareOutcome, CareView, EndCareOutcome } from "./care-desk.ts";

/** A care relation as the APIs show it. */
export function describeCare({
  relation,
  staff,
  mrn,
}: CareView): CareRelations["relations"][number] {
  return {
    staff: staff.name,
    role: staff.role,
    mrn,
    began: relation.beganAt,
    ...(relation.endsAt === null ? {} : { until: relation.endsAt }),
    madeBy: relation.madeBy,
  };
}

/** The relation that was begun. @throws {ProblemError} `conflict`, `malformed`, `not-found` */
export function begunOf(outcome: BeginCareOutcome): CareView {
  switch (outcome.kind) {
    case "begun":
      return outcome.view;
    case "in-care":
      throw new ProblemError("conflict", "This patient is in this person's care already.");
    case "patient-unknown":
      throw new ProblemError("not-found", "No patient has this record number.");
    case "staff-unknown":
      throw new ProblemError("not-found", "No active doctor or nurse has this name.");
    case "until-past":
      throw new ProblemError("malformed", "The end lies in the past.");
  }
}

/** The relation that was ended. @throws {ProblemError} `not-found` */
export function endedOf(outcome: EndCareOutcome, mrn: string): EndedCare {
  if (outcome.kind !== "ended") {
    throw new ProblemError("not-found", "This patient is not in this person's care.");
  }
  return { staff: outcome.staff.name, mrn, ended: outcome.at };
}

/** An access in an emergency as a privacy officer sees it. */
export function describeReview(view: ReviewView): Reviews["reviews"][number] {
  const { access, staff, reviewer, mrn, reason, note } = view;
  const { review } = access;
  return {
    id: String(access.id),
    staff: staff.name,
    role: staff.role,
    mrn,
    reason,
    began: access.beganAt,
    expires: access.endsAt,
    ...(review === null
      ? {}
      : {
          closed: {
            at: review.at,
            by: reviewer?.name ?? "",
            verdict: review.verdict,
            note: note ?? "",
          },
        }),
  };
}
