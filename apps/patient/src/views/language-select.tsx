import { NativeSelect, useDirection } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, directionOf, LANGUAGES } from "../i18n/index.ts";

/** Props of {@link LanguageSelect}. */
export interface LanguageSelectProps {
  /** Without it only a screen reader is told what this is: the names of the languages say it. */
  readonly withLabel?: boolean;
}

/** Changes the language at once, wherever one is. */
export function LanguageSelect({ withLabel = false }: LanguageSelectProps): ReactElement {
  const { t, i18n } = useTranslation("safety");
  const { setDirection } = useDirection();
  const choose = (value: string): void => {
    const language = LANGUAGES.find(({ code }) => code === value)?.code;
    if (language === undefined) return;
    setDirection(directionOf(language));
    void chooseLanguage(language);
  };
  return (
    <NativeSelect
      {...(withLabel ? { label: t("language") } : { "aria-label": t("language") })}
      value={i18n.language}
      onChange={(event) => choose(event.currentTarget.value)}
      data={LANGUAGES.map(({ code, name }) => ({ value: code, label: name }))}
    />
  );
}
