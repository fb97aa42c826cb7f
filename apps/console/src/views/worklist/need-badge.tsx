import type { TFunction } from "i18next";
import type { ReactElement } from "react";
import type { LimitLevel } from "../../live/plain-limits.ts";
import type { NeedLevel } from "./need.ts";

const SYMBOLS: Readonly<Record<NeedLevel, string>> = {
  urgent: "◆",
  warning: "▲",
  "no-data": "⌁",
  within: "·",
};

interface LevelProps<Level> {
  readonly level: Level;
  /** Of the worklist's texts: a list asks for them once a row, not once for each word. */
  readonly words: TFunction<"worklist">;
}

/** A patient's need: a symbol, a word and a colour together. */
export function NeedBadge({ level, words: t }: LevelProps<NeedLevel>): ReactElement {
  return (
    <span className={`siphms-need siphms-need-${level}`} title={t(`needHelp.${level}`)}>
      <span aria-hidden="true">{SYMBOLS[level]}</span> {t(`needs.${level}`)}
    </span>
  );
}

/** Marks a value outside of its limits, in front of the number. */
export function LimitMark({ level, words: t }: LevelProps<LimitLevel>): ReactElement | null {
  if (level === "within") return null;
  return (
    <span role="img" aria-label={t(`needs.${level}`)} title={t(`valueHelp.${level}`)}>
      {SYMBOLS[level]}
    </span>
  );
}
