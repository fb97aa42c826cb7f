import { originName, type Origin } from "@siphms/vitals";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useReason } from "./use-reason.ts";

/** Says where a value came from when it was not a sensor. */
export function OriginMark({ origin }: { readonly origin: Origin }): ReactElement | null {
  const { t } = useTranslation("readings");
  if (origin === 0) return null;
  return (
    <span className="siphms-mark">
      <span aria-hidden="true">{origin === 1 ? "✎" : "⇩"}</span> {t(`origin.${originName(origin)}`)}
    </span>
  );
}

/** Says that a value came to the hospital so late that it raises no live alert. */
export function LateMark(): ReactElement {
  const { t } = useTranslation("readings");
  return (
    <span className="siphms-mark siphms-mark-late">
      <span aria-hidden="true">◷</span> {t("late")}
    </span>
  );
}

/** Says that a value is kept aside, and why. */
export function HeldMark({ reason }: { readonly reason: string | undefined }): ReactElement | null {
  const { t } = useTranslation("readings");
  const words = useReason();
  if (reason === undefined) return null;
  return (
    <span className="siphms-mark siphms-mark-held">
      <span aria-hidden="true">◌</span> {t("held")}
      {reason === "" ? null : `: ${words(reason)}`}
    </span>
  );
}
