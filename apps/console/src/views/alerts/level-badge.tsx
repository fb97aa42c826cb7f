import type { ApiAlert } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import "./level.css";

const SYMBOLS: Readonly<Record<ApiAlert["level"], string>> = { urgent: "◆", warn: "▲" };
/** Technical alerts have a shape of their own at every level: they are never taken for a patient's. */
const TECHNICAL = "⌁";

/** How pressing an alert is and of which channel: a symbol, a word and a colour together; filled while nobody looks after it. */
export function LevelBadge({
  alert: { level, channel, acknowledged },
}: {
  readonly alert: Pick<ApiAlert, "acknowledged" | "channel" | "level">;
}): ReactElement {
  const { t } = useTranslation("alerts");
  const colour = channel === "technical" ? "technical" : level;
  const symbol = channel === "technical" ? TECHNICAL : SYMBOLS[level];
  return (
    <span className="siphms-level" data-colour={colour} data-waiting={acknowledged === undefined}>
      <span aria-hidden="true">{symbol}</span> {t(`levels.${level}`)}
      {channel === "technical" ? ` · ${t("channelMark")}` : ""}
    </span>
  );
}
