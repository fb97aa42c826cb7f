import type { AuditLine } from "@siphms/api";
import type { TFunction } from "i18next";
import { formatInstant } from "../../format.ts";

/** Entries that say what was seen. */
const DISCLOSED = "data.disclosed";
/** Numbers from here on are moments, ms: nothing else that entries count comes so far. */
const FIRST_MOMENT = Date.UTC(2001, 8, 9);

/** What was done; for an event that this release has no word for the code itself. */
export function eventWords(t: TFunction<"oversight">, event: string): string {
  return t(`audit.events.${event}`, { defaultValue: event });
}

/** The part of the log that an event belongs to. */
export function groupWords(t: TFunction<"oversight">, event: string): string {
  const group = event.split(".")[0] ?? "";
  return t(`audit.groups.${group}`, { defaultValue: t("audit.groups.other") });
}

/** Who it was: a name, a device by its id, or what stands in place of a person. */
export function actorWords(
  t: TFunction<"oversight">,
  { actor, name }: Pick<AuditLine, "actor" | "name">,
): string {
  if (name !== undefined) return name;
  const device = /^device:(.+)$/.exec(actor)?.[1];
  if (device !== undefined) return t("audit.device", { id: device });
  return t(`audit.actors.${actor}`, { defaultValue: actor });
}

/** What was seen, in words; anything else by its id. */
export function objectWords(
  t: TFunction<"access">,
  { event, object }: Pick<AuditLine, "event" | "object">,
): string | undefined {
  if (object === undefined || event !== DISCLOSED) return object;
  return t(`accessLog.kinds.${object}`, { defaultValue: object });
}

/** What else an entry says, as codes; moments as moments. */
export function detailWords(details: AuditLine["details"]): string {
  return Object.entries(details)
    .map(([name, value]) => {
      const isMoment = typeof value === "number" && value >= FIRST_MOMENT;
      return `${name}: ${isMoment ? formatInstant(value) : String(value)}`;
    })
    .join(" · ");
}
