import { ACTIVITY_FIGURES, type ActivityFigure, type PersonActivity } from "@siphms/api";
import type { TFunction } from "i18next";

/** The figures in which somebody stands out, in their order. */
export function outstandingFigures({
  figures,
}: Pick<PersonActivity, "figures">): readonly ActivityFigure[] {
  return ACTIVITY_FIGURES.filter((figure) => figures[figure].count > figures[figure].limit);
}

/** The day `days` after a calendar date. */
export function dayAfter(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, "YYYY-MM-DD".length);
}

/** Whose activity it is: a name, or what stands in place of a person. */
export function personWords(
  t: TFunction<"oversight">,
  { actor, name }: Pick<PersonActivity, "actor" | "name">,
): string {
  if (name !== undefined) return name;
  if (actor === "operator") return t("activity.operator");
  return actor.startsWith("staff:") ? actor : t("activity.anybody");
}
