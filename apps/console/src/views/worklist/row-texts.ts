import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

/** The texts of all rows, asked for once: a list has many words. */
export interface RowTexts {
  readonly t: TFunction;
  readonly words: TFunction<"worklist">;
  readonly alertWords: TFunction<"alerts">;
}

/** The texts of a list's rows; the very same until another language is chosen. */
export function useRowTexts(): RowTexts {
  const { t } = useTranslation();
  const { t: words } = useTranslation("worklist");
  const { t: alertWords } = useTranslation("alerts");
  return useMemo(
    () => ({
      t: remembering(t),
      words: remembering(words),
      alertWords: remembering(alertWords),
    }),
    [t, words, alertWords],
  );
}

/** So many texts are remembered; then the memory begins anew, as numbers in them never end. */
const MAX_TEXTS = 1_000;

/**
 * The same texts, each looked up and filled in once: on a slow tablet that takes longer than drawing it, and rows say the same few
 * things again and again.
 */
export function remembering<T extends (...asked: never) => unknown>(look: T): T {
  const known = new Map<string, unknown>();
  const lookUp = look as unknown as (key: string, values?: object) => unknown;
  const remembered = (key: string, values?: object): unknown => {
    const asked = values === undefined ? key : `${key} ${JSON.stringify(values)}`;
    const text = known.get(asked);
    if (text !== undefined) return text;
    if (known.size >= MAX_TEXTS) known.clear();
    const found = values === undefined ? lookUp(key) : lookUp(key, values);
    known.set(asked, found);
    return found;
  };
  return remembered as unknown as T;
}
