import type { TFunction } from "i18next";
import type { ReactElement } from "react";
import type { ValueLevel } from "../alerts/alert-order.ts";
import type { NeedLevel } from "./need.ts";

const SYMBOLS: Readonly<Record<NeedLevel, string>> = {
  urgent: "◆",
  warning: "▲",
  technical: "⌁",
  "no-data": "⌁",
  none: "·",
  unknown: "?",
};

interface LevelProps<Level> {
  readonly level: Level;
  /** Of the worklist's texts: a list asks for them once a row, not once for each word. */
  readonly words: TFunction<"worklist">;
}

/** Props of {@link NeedBadge}. */
export interface NeedBadgeProps extends LevelProps<NeedLevel> {
  /** Nobody looks after it yet: it is filled. */
  readonly isWaiting: boolean;
}

/** A patient's need: a symbol, a word and a colour together. */
export function NeedBadge({ level, isWaiting, words: t }: NeedBadgeProps): ReactElement {
  return (
    <span
      className={`siphms-need siphms-need-${level}`}
      data-waiting={isWaiting}
      title={t(`needHelp.${level}`)}
    >
      <span aria-hidden="true">{SYMBOLS[level]}</span> {t(`needs.${level}`)}
    </span>
  );
}

/** Marks a value of which an open alert says that it is beyond a limit, in front of the number. */
export function LimitMark({ level, words: t }: LevelProps<ValueLevel>): ReactElement | null {
  if (level === "within") return null;
  return (
    <span role="img" aria-label={t(`needs.${level}`)} title={t(`valueHelp.${level}`)}>
      {SYMBOLS[level]}
    </span>
  );
}
