import {
  NativeSelect,
  useDirection,
  useMantineColorScheme,
  type MantineColorScheme,
} from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGES } from "../i18n/index.ts";

/** The choice of language and of day or night, on every screen, also before signing in. */
export function Preferences(): ReactElement {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { setDirection } = useDirection();
  return (
    <>
      <NativeSelect
        aria-label={t("language")}
        value={i18n.language}
        onChange={(event) => {
          const chosen = LANGUAGES.find(({ code }) => code === event.currentTarget.value);
          if (chosen !== undefined) {
            void chooseLanguage(chosen.code).then(() => setDirection(chosen.dir));
          }
        }}
        data={LANGUAGES.map(({ code, name }) => ({ value: code, label: name }))}
        size="xs"
      />
      <NativeSelect
        aria-label={t("theme")}
        value={colorScheme}
        onChange={(event) => setColorScheme(event.currentTarget.value as MantineColorScheme)}
        data={[
          { value: "auto", label: t("themeAuto") },
          { value: "light", label: t("themeLight") },
          { value: "dark", label: t("themeDark") },
        ]}
        size="xs"
      />
    </>
  );
}
