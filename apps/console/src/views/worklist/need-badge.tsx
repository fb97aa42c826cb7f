import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { LimitLevel } from "../../live/plain-limits.ts";
import type { NeedLevel } from "./need.ts";

const SYMBOLS: Readonly<Record<NeedLevel, string>> = {
  urgent: "◆",
  warning: "▲",
  "no-data": "⌁",
  within: "·",
};

/** A patient's need: a symbol, a word and a colour together. */
export function NeedBadge({ level }: { readonly level: NeedLevel }): ReactElement {
  const { t } = useTranslation("worklist");
  return (
    <span className={`siphms-need siphms-need-${level}`} title={t(`needHelp.${level}`)}>
      <span aria-hidden="true">{SYMBOLS[level]}</span> {t(`needs.${level}`)}
    </span>
  );
}

/** Marks a value outside of its limits, in front of the number. */
export function LimitMark({ level }: { readonly level: LimitLevel }): ReactElement | null {
  const { t } = useTranslation("worklist");
  if (level === "within") return null;
  return (
    <span role="img" aria-label={t(`needs.${level}`)} title={t(`valueHelp.${level}`)}>
      {SYMBOLS[level]}
    </span>
  );
}
